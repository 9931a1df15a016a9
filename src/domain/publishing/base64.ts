/** The base64 of these bytes (RFC 4648, section 4), padded, on one line. */
export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** The bytes that this text stands for; undefined when it is not exactly what `base64` would have made of them. */
export function bytesInBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[0-9A-Za-z+/]*={0,2}$/.test(text)) return undefined;
  const binary = atob(text);
  // Bits that count for nothing may have been set: two texts would stand for the same bytes.
  if (btoa(binary) !== text) return undefined;
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
