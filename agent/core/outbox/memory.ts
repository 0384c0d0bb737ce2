import { DEFAULT_BOUNDS, type NewFrame, newStream, type Outbox, type OutboxBounds } from './outbox.ts';
import { type Entry, Queue } from './queue.ts';

/** An outbox that ends with its process: for simulated devices. */
export function memoryOutbox(bounds: Partial<OutboxBounds> = {}): Outbox {
  const limits = { ...DEFAULT_BOUNDS, ...bounds };
  const queue = new Queue<string>();
  let stream = newStream();
  let next = 1;
  let dropped = 0;
  const held = ({ seq, kind, place }: Entry<string>) => ({ seq, kind, body: place });

  return {
    get stream() {
      return stream;
    },
    get firstUnacked() {
      return queue.entries[0]?.seq ?? next;
    },
    get frames() {
      return queue.entries.length;
    },
    get bytes() {
      return queue.bytes;
    },
    append(frame: NewFrame) {
      const body = JSON.stringify(frame);
      const seq = next;
      next += 1;
      queue.add({ seq, kind: frame.type, bytes: Buffer.byteLength(body), place: body });
      dropped += queue.trim(limits).length;
      return seq;
    },
    after(seq) {
      const entry = queue.after(seq);
      return entry === null ? null : held(entry);
    },
    pendingState: () => queue.pendingState().map(held),
    ack(seq) {
      queue.takeUpTo(seq);
      if (seq >= next) next = seq + 1;
    },
    reset() {
      queue.clear();
      stream = newStream();
      next = 1;
    },
    report: () => ({ dropped, damaged: 0, durable: true }),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
