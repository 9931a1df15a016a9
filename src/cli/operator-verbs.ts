import { type Flag, oneService, type Verb } from "./command.ts";

export const groupFlag: Flag = {
  summary: "The group whose rollout is meant. Default: that of the configuration.",
  value: "GROUP",
};

export const forceFlag: Flag = {
  summary: "Forget the host although it gives signs of life: it may then be down beside its successor.",
};

export const reasonFlag: Flag = { summary: "Why; it stays in the record for the others to read.", value: "TEXT" };

const usual = { reason: reasonFlag, group: groupFlag };

/** What an operator may say to a fleet. */
export const operatorVerbs: readonly Verb[] = [
  {
    name: "halt",
    summary: "Let no host switch any more, and every host refuse the content.",
    operands: [oneService],
    flags: usual,
  },
  {
    name: "pause",
    summary: "Begin nothing new; nothing is said against the content.",
    operands: [oneService],
    flags: usual,
  },
  {
    name: "resume",
    summary: "Go on after a halt or a pause: what failed so far no longer counts.",
    operands: [oneService],
    flags: usual,
  },
  {
    name: "retry",
    summary: "Forget failures and refused contents, on all hosts; also begins anew where the record is gone.",
    operands: [oneService],
    flags: usual,
  },
  {
    name: "limit",
    summary: "Let so many hosts update at a time, from 1 to 200, until the next rollout begins.",
    operands: [oneService, { name: "number", required: true }],
    flags: usual,
  },
  {
    name: "forget",
    summary: "A host is gone for good: free its slot and count it no longer.",
    operands: [oneService, { name: "host", required: true }],
    flags: { ...usual, force: forceFlag },
  },
];
