import type { WriteStream } from "node:tty";
import stringWidth from "string-width";
import { asBytes, asTime } from "./figures.ts";
import { printable } from "./table.ts";

const REDRAW_EVERY_MS = 100;
const LINE_EVERY_MS = 10_000;
const BAR_WIDTH_MAX = 30;
const BAR_WIDTH_MIN = 5;
/** Between name, bar and figures, and the last column, where some terminals wrap. */
const GAPS = 5;

export interface Progress {
  add(bytes: number): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** Tells how far an upload is: a bar that moves on a terminal, else a line now and then. `total` is unknown of a pipe. */
export function openProgress(name: string, total: number | undefined, stream: WriteStream): Progress {
  const started = performance.now();
  const isTerminal = stream.isTTY === true;
  let sent = 0;
  let told = isTerminal ? 0 : started;
  const tell = () => {
    told = performance.now();
    const figures = asFigures(sent, total, told - started);
    const line = isTerminal
      ? withBar(printable(name), figures, sent, total, stream.columns || 80)
      : `${name}: ${figures}\n`;
    stream.write(line);
  };
  return {
    add(bytes) {
      sent += bytes;
      const now = performance.now();
      if (now - told >= (isTerminal ? REDRAW_EVERY_MS : LINE_EVERY_MS) || (isTerminal && sent === total)) tell();
    },
    end() {
      if (isTerminal) stream.write(ERASE_LINE);
    },
  };
}

const ERASE_LINE = "\r\u001b[K";

function asFigures(sent: number, total: number | undefined, elapsedMs: number): string {
  const rate = (sent / Math.max(elapsedMs, 1)) * 1_000;
  const speed = `${asBytes(rate)}/s`;
  if (total === undefined) return `${asBytes(sent)}  ${speed}`;
  if (sent >= total) return `100 %  ${asBytes(total)} sent; the last rows are being read`;
  const percent = `${Math.floor((100 * sent) / total)} %`.padStart(5);
  return `${percent}  ${asBytes(sent)} of ${asBytes(total)}  ${speed}  ${asTime(((total - sent) / rate) * 1_000)} left`;
}

/** One line of the terminal, never more: what wraps can't be drawn over. */
function withBar(name: string, figures: string, sent: number, total: number | undefined, columns: number): string {
  const room = columns - stringWidth(name) - stringWidth(figures) - GAPS;
  const bar =
    total === undefined || room < BAR_WIDTH_MIN ? "" : `${drawBar(sent / total, Math.min(room, BAR_WIDTH_MAX))}  `;
  const line = `${name}  ${bar}${figures}`;
  return ERASE_LINE + (stringWidth(line) < columns ? line : figures.slice(0, columns - 1));
}

function drawBar(fraction: number, width: number): string {
  const done = Math.min(Math.floor(fraction * width), width);
  return "█".repeat(done) + "░".repeat(width - done);
}
