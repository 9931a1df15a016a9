import { createScreen, type Screen, type ScreenSettings } from "../../src/cli/screen.ts";

/** A terminal made of paper: everything that is written can be read. */
export interface Paper {
  readonly screen: Screen;
  readonly out: () => string;
  readonly err: () => string;
}

export function paper(settings: Partial<ScreenSettings> = {}, columns?: number): Paper {
  const [out, err] = [sheet(columns), sheet(columns)];
  const screen = createScreen(out, err, { json: false, quiet: false, plain: false, environment: {}, ...settings });
  return { screen, out: out.text, err: err.text };
}

/** A stream; with columns it says that it is a terminal. */
export function sheet(columns?: number) {
  let text = "";
  return {
    ...(columns !== undefined && { isTTY: true, columns }),
    write: (piece: string) => {
      text += piece;
    },
    text: () => text,
  };
}
