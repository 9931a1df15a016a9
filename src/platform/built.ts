/**
 * This program is not older than this: a clock that says otherwise was set back. Raised with each release; a reproducible
 * build has no other time of its own.
 */
export const builtAt = Date.UTC(2026, 10, 1);
