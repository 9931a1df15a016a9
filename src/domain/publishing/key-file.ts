import { bytesInBase64 } from "./base64.ts";

/** Key files as signify writes them: a line of comment, which means nothing, and a line of base64. */
export function keyFile(line: string, comment: string): string {
  const clean = comment.replace(/\p{Cc}+/gu, " ").slice(0, 200);
  return `untrusted comment: ${clean}\n${line}\n`;
}

/** The bytes in a key file, or in its second line alone; or in words why there are none, without a word of what stands there. */
export function blobInKeyFile(text: string): Uint8Array | string {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim());
  const line = lines.at(-1) ?? "";
  if (line === "") return "it is empty";
  if (lines.length > 2 || (lines.length === 2 && !lines[0]?.startsWith("untrusted comment:"))) {
    return "it is not a line of base64, alone or below an untrusted comment";
  }
  return bytesInBase64(line) ?? "it is not base64";
}
