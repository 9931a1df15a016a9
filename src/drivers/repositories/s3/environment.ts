import type { BucketOptions } from "./bucket.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * As the AWS command line reads it ("Environment variables to configure the AWS CLI", AWS CLI user guide): the credentials come
 * from the standard chain and the region from `bucketOf`, both with their variables.
 */
export function bucketFromEnvironment(environment: Environment): BucketOptions | string {
  const ignored = environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true";
  const name = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].find((one) => environment[one]);
  const endpoint = name === undefined || ignored ? undefined : environment[name];
  if (endpoint !== undefined && !/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i.test(endpoint)) {
    return `${name} is no address such as "https://objects.example.com"`;
  }
  return {
    accessKey: undefined,
    secret: undefined,
    token: undefined,
    region: undefined,
    endpoint,
    pathStyle: undefined,
    ca: environment["AWS_CA_BUNDLE"] || undefined,
  };
}
