export const configFailures = {};
