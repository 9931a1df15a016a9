export const updateFailures = {};
