import { commandLinePage } from "../reference/command-line.ts";
import { configurationPage } from "../reference/configuration.ts";
import { exitCodesPage } from "../reference/errors.ts";
import type { Commit } from "./commit.ts";
import { roffHead, roffOf } from "./roff.ts";

const files = `
| \`/etc/dropship.d/dropship.hcl\` | | The main file. |
| \`/etc/dropship.d/services/\` | | One file for each service, or several in one: every *.hcl. |
| \`/var/lib/dropship/\` | | Journal, downloads, control socket; for the agent's user alone. |
| \`.dropship/\` beside each destination | | The releases of its service. |`;

/** The manual pages, from the same text as docs/reference. */
export function manPages({ version, seconds }: Commit): readonly { readonly name: string; readonly text: string }[] {
  const date = new Date(seconds * 1000).toISOString().slice(0, 10);
  const text = (...parts: string[]) => `${parts.join("\n")}\n`;
  return [
    {
      name: "dropship.1",
      text: text(
        roffHead("dropship", 1, date, version),
        ".SH NAME\ndropship \\- keeps the software on servers up to date by pulling",
        ".SH SYNOPSIS\n.B dropship\n.I command\n.RI [ argument ...]\n.RI [ option ...]",
        roffOf(`## Description\n\n${fromSource(commandLinePage().text)}`),
        roffOf(`## Exit status\n\n${exitCodesPage().text}`),
        roffOf(`## Files\n\n|||\n|||${files}`),
        ".SH SEE ALSO\n.BR dropship.hcl (5),\n.BR systemctl (1),\n.BR journalctl (1)",
      ),
    },
    {
      name: "dropship.hcl.5",
      text: text(
        roffHead("dropship.hcl", 5, date, version),
        ".SH NAME\ndropship.hcl \\- what Dropship looks after on this host",
        roffOf(`## Description\n\n${configurationPage().text}`),
        roffOf(`## Files\n\n|||\n|||${files}`),
        ".SH SEE ALSO\n.BR dropship (1)",
      ),
    },
  ];
}

/** The reference also speaks to those who have a clone. */
function fromSource(text: string): string {
  return text.replace(" Exit codes: [exit-codes.md](exit-codes.md). From a clone, write `npx dropship`.", "");
}
