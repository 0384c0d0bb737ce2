import { randomBytes } from 'node:crypto';
import type { SequencedFrame } from '../../../shared/protocol/from-device.ts';

export type FrameKind = SequencedFrame['type'];

/** A frame without what the outbox and the link give it: its number and the count of numbers that will never come. */
export type NewFrame = SequencedFrame extends infer One
  ? One extends SequencedFrame
    ? Omit<One, 'seq' | 'skipped'>
    : never
  : never;

/** A frame waiting to be acknowledged; `body` is its JSON without `seq` and `skipped`. */
export interface HeldFrame {
  readonly seq: number;
  readonly kind: FrameKind;
  readonly body: string;
}

export interface OutboxReport {
  /** Frames given up because the outbox was full, since it was opened. */
  readonly dropped: number;
  /** Places where the files were found damaged when it was opened; the frames that stood there are lost. */
  readonly damaged: number;
  /** False while the disk refuses to take frames and they are kept in memory only. */
  readonly durable: boolean;
}

/**
 * Frames that the collector has not acknowledged, in order. Promises, for every implementation:
 * - Numbers start at 1 in every stream and are given once; no content ever travels under a number used before.
 * - What was appended is there until acknowledged or dropped by the bound; order is the order of appending.
 * - The bound drops what hurts least: superseded state, then the oldest samples, events, the oldest state, and last what a person wrote.
 */
export interface Outbox {
  /** 16 hex digits; new whenever numbering starts again. */
  readonly stream: string;
  /** Number of the oldest frame held, or the one the next frame will get. */
  readonly firstUnacked: number;
  readonly frames: number;
  readonly bytes: number;
  append(frame: NewFrame): number;
  /** The oldest frame held whose number is above `seq`. */
  after(seq: number): HeldFrame | null;
  /** The last snapshot held and every delta after it, oldest first: what the collector will know once it has all. */
  pendingState(): readonly HeldFrame[];
  /** Forgets everything up to and including `seq`; a number above all given ones moves numbering past it. */
  ack(seq: number): void;
  /** Forgets everything and starts a new stream. */
  reset(): void;
  report(): OutboxReport;
  /** Everything appended is on disk when it resolves (as far as the disk takes it). */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface OutboxBounds {
  /** Bytes of frames held. */
  readonly maxBytes: number;
  readonly maxFrames: number;
}

/** 32 MiB, and two weeks of one-minute samples; a frame's place in memory costs about 100 bytes. */
export const DEFAULT_BOUNDS: OutboxBounds = { maxBytes: 32 * 1024 * 1024, maxFrames: 20_000 };

export function newStream(): string {
  return randomBytes(8).toString('hex');
}

/** A held frame as it is sent: number and gap put in front of the body's own members. */
export function wireText(frame: HeldFrame, skipped: number): string {
  const gap = skipped > 0 ? `"skipped":${skipped},` : '';
  return `{"seq":${frame.seq},${gap}${frame.body.slice(1)}`;
}
