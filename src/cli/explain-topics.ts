/** What `dropship explain` can be asked about. */
export const explainTopics = [
  "main",
  "service",
  "artifact",
  "repo",
  "hook",
  "health",
  "archive",
  "lock",
  "template",
] as const;
