/** What must not be shown, and the only way to make a text that came from outside fit to be shown. */
export interface Secrets {
  add(values: Iterable<string>): void;
  /** The text without every secret that was added so far. */
  conceal(text: string): string;
}

export function createSecrets(values: Iterable<string> = []): Secrets {
  const known = new Set(values);
  return {
    add(more) {
      for (const value of more) known.add(value);
    },
    conceal: (text) => withoutSecrets(text, known),
  };
}

/** A secret of fewer characters would tear holes into every other word. */
const shortestSecret = 4;
/** A line of a secret in several lines (a private key) that is shorter stands in other texts too. */
const shortestLine = 16;

/** Takes out known secrets, passwords in addresses, the signatures of presigned addresses, and signing keys. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let clean = text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi, "$1[redacted]@")
    .replace(
      /([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|AWSAccessKeyId|temp_url_sig|sig|token)=)[^&\s"']+/gi,
      "$1[redacted]",
    )
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}/g, "$1 [redacted]")
    // How the two kinds of signing keys begin (domain/publishing/private-key-text.ts); a public one is shorter.
    .replace(/\bRWR(?:CS|TR)[A-Za-z0-9+/]{120,}={0,2}/g, "[redacted]");
  for (const secret of secrets) {
    for (const form of formsOf(secret)) clean = clean.replaceAll(form, "[redacted]");
  }
  return clean;
}

/** As it is, as it stands in JSON or in an address, and line by line. */
function formsOf(secret: string): readonly string[] {
  if (secret.length < shortestSecret) return [];
  const lines = secret.includes("\n") ? secret.split(/\r?\n/).filter((line) => line.length >= shortestLine) : [];
  const encoded = encodeURIComponent(secret.toWellFormed());
  return [secret, JSON.stringify(secret).slice(1, -1), encoded, ...lines];
}
