import assert from "node:assert/strict";
import { test } from "node:test";
import { objectAddress } from "../../../../src/drivers/repositories/s3/address.ts";
import { encodedPath, signedHeaders } from "../../../../src/drivers/repositories/s3/signature.ts";

test("the signature is that of Amazon's published example", () => {
  // Amazon S3 API reference, "Signature calculations for the authorization header: examples", GET bucket lifecycle
  const request = {
    method: "GET",
    host: "examplebucket.s3.amazonaws.com",
    path: "/",
    query: { lifecycle: "" },
    headers: {},
  };
  const credentials = { accessKey: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

  const { authorization } = signedHeaders(request, credentials, "us-east-1", Date.UTC(2013, 4, 24));

  const signature = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543";
  assert.equal(
    authorization,
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
  );
});

test("a key is escaped once, with everything but unreserved characters and slashes", () => {
  assert.equal(encodedPath("a b/ü~-_.!'()*+%"), "a%20b/%C3%BC~-_.%21%27%28%29%2A%2B%25");
});

test("the bucket stands in the host for Amazon and in the path for others and for names with dots", () => {
  const amazon = "https://s3.eu-central-1.amazonaws.com";

  assert.equal(
    objectAddress(amazon, { bucket: "b", key: "k" }, undefined).url,
    "https://b.s3.eu-central-1.amazonaws.com/k",
  );
  assert.equal(objectAddress(amazon, { bucket: "b.c", key: "k" }, undefined).url, `${amazon}/b.c/k`);
  assert.equal(
    objectAddress("http://store:9000/s3/", { bucket: "b", key: "k" }, undefined).url,
    "http://store:9000/s3/b/k",
  );
  assert.equal(objectAddress("http://store", { bucket: "b", key: "k" }, false).url, "http://b.store/k");
  assert.equal(
    objectAddress(amazon, { bucket: "b", key: "k", version: "v/1" }, true).url,
    `${amazon}/b/k?versionId=v%2F1`,
  );
});
