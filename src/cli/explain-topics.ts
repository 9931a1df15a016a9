/** What `dropship explain` can be asked about. */
export const explainTopics = [
  "main",
  "service",
  "artifact",
  "repo",
  "hook",
  "health",
  "archive",
  "rollout",
  "window",
  "trust",
  "lock",
  "template",
] as const;
