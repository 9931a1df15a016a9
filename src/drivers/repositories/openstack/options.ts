import { flag, name } from "../../../domain/options.ts";

/** What every `repo` block of this family may say about the way to its servers. */
export const transportOptions = {
  ca: name({
    summary: "A file with the certificates (PEM) of the authorities to trust instead of the built-in ones.",
    example: '"/etc/ssl/private-authority.pem"',
  }),
  insecure: flag({
    summary: "Allow credentials over plain http, where everybody on the way can read them.",
    default: false,
  }),
};

/** What every `artifact` block of this family holds. */
export const objectOptions = {
  bucket: name({ summary: "The container.", required: true, aliases: ["container"], example: '"releases"' }),
  path: name({ summary: "The object's name.", required: true, example: '"web/web.tar.gz"' }),
};
