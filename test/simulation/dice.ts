import { randomFrom } from "../random-from.ts";

/** All chance of a run comes from these: the same seed, the same run. */
export interface Dice {
  /** From 0 (included) to 1 (not included). */
  fraction(): number;
  /** True so often. */
  chance(probability: number): boolean;
  between(least: number, most: number): number;
  /** A whole number, both ends included. */
  whole(least: number, most: number): number;
  /** Small numbers as likely as large ones: each power of ten has the same share. */
  scaled(least: number, most: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** Dice of their own, so that a throw more in one place changes nothing in another. */
  fork(): Dice;
}

export function diceFrom(seed: number): Dice {
  const fraction = randomFrom(seed);
  const dice: Dice = {
    fraction,
    chance: (probability) => probability > 0 && fraction() < probability,
    between: (least, most) => least + fraction() * (most - least),
    whole: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
    scaled: (least, most) => least * (most / least) ** fraction(),
    pick: (items) => items[Math.floor(fraction() * items.length)] as (typeof items)[number],
    fork: () => diceFrom(Math.floor(fraction() * 2 ** 32)),
  };
  return dice;
}
