import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  scrypt,
  sign,
  verify,
} from "node:crypto";
import type { Cryptography, Sealing } from "./ports.ts";

/** The cryptography of this machine: node:crypto, and so OpenSSL. */
export const cryptography: Cryptography = {
  verifies(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const key = createPublicKey({
      key: Buffer.concat([publicKeyHead, publicKey]),
      format: "der",
      type: "spki",
    });
    return verify(null, message, key, signature);
  },
  sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"),
  random: (length) => new Uint8Array(randomBytes(length)),
  sha512: (bytes) => new Uint8Array(createHash("sha512").update(bytes).digest()),
  publicKey: (seed) =>
    new Uint8Array(
      createPublicKey(privateKey(seed)).export({ format: "der", type: "spki" }).subarray(publicKeyHead.length),
    ),
  sign: (seed, message) => new Uint8Array(sign(null, message, privateKey(seed))),
  async seal(sealing, secret) {
    const cipher = createCipheriv("aes-256-gcm", await keyFor(sealing), sealing.nonce, { authTagLength: tagLength });
    cipher.setAAD(sealing.associated);
    return new Uint8Array(Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]));
  },
  async open(sealing, sealed) {
    const key = await keyFor(sealing);
    const decipher = createDecipheriv("aes-256-gcm", key, sealing.nonce, { authTagLength: tagLength });
    decipher.setAAD(sealing.associated);
    decipher.setAuthTag(sealed.subarray(-tagLength));
    const opened = decipher.update(sealed.subarray(0, -tagLength));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return new Uint8Array(opened);
  },
};

const tagLength = 16;

/** What stands before the bytes of an Ed25519 key in DER (RFC 8410, sections 4 and 7). */
const publicKeyHead = Buffer.from("302a300506032b6570032100", "hex");
const privateKeyHead = Buffer.from("302e020100300506032b657004220420", "hex");

function privateKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateKeyHead, seed]), format: "der", type: "pkcs8" });
}

/** A passphrase is the same however its accents were typed. */
function keyFor({ passphrase, cost, salt }: Sealing): Promise<Buffer> {
  const { logarithm, blocks: r, lanes: p } = cost;
  const N = 2 ** logarithm;
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: 128 * r * (N + p + 2) };
    scrypt(passphrase.normalize("NFC"), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
