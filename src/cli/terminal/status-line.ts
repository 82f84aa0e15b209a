/** Where lines for people go: the part of a stream that is needed. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The last line of a terminal, written over again and again; other lines appear above it. */
export interface StatusLine {
  /** Shows a text in place of the one before, cut to the terminal's width. */
  show(text: string): void;
  /** Writes whole lines: the status line makes room and comes back below. */
  writeAbove(lines: string): void;
  clear(): void;
}

const esc = '\u001b';
const eraseLine = `\r${esc}[K`;
const colours = new RegExp(`(${esc}\\[\\d+m)`);

/** Makes the status line of a terminal. */
export function createStatusLine(stream: TextStream): StatusLine {
  let shown = '';
  return {
    show(text) {
      // A terminal that does not know its width says 0.
      shown = cut(text, (stream.columns || 80) - 1);
      stream.write(eraseLine + shown);
    },
    writeAbove(lines) {
      stream.write(shown === '' ? lines : eraseLine + lines + shown);
    },
    clear() {
      if (shown !== '') stream.write(eraseLine);
      shown = '';
    },
  };
}

/** The first so many characters that can be seen; colours take no room and are always switched off again. */
function cut(text: string, width: number): string {
  let seen = 0;
  let result = '';
  for (const part of text.split(colours)) {
    const isColour = part.startsWith(esc);
    const kept = isColour ? part : part.slice(0, Math.max(0, width - seen));
    if (!isColour) seen += kept.length;
    result += kept;
  }
  return result;
}
