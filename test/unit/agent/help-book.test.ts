import { describe, expect, it } from 'vitest';
import { createHelpBook, helpProgress } from '../../../agent/core/help/help-book.ts';
import type { HelpFile, KeptHelp } from '../../../agent/core/help/help-file.ts';
import { memoryOutbox } from '../../../agent/core/outbox/memory.ts';
import type { Outbox } from '../../../agent/core/outbox/outbox.ts';
import type { HelpStanding } from '../../../shared/device/help.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { FakeClock } from './support/fake-clock.ts';

const KIM = { key: '1000', name: 'kim' };
const LEE = { key: '1001', name: 'lee' };

/** A file that is read and written as a real one is, and outlives a book. */
function keptIn(): HelpFile & { kept: readonly KeptHelp[] } {
  return {
    kept: [],
    load() {
      return structuredClone(this.kept);
    },
    save(requests) {
      this.kept = structuredClone(requests);
    },
  };
}

function scene() {
  const clock = new FakeClock();
  const outbox = memoryOutbox();
  const file = keptIn();
  return { clock, outbox, file, book: createHelpBook({ outbox, clock, file }) };
}

/** What waits in the outbox, as a collector would read it. */
function waiting(outbox: Outbox): unknown[] {
  const changes: unknown[] = [];
  for (let frame = outbox.after(0); frame !== null; frame = outbox.after(frame.seq)) {
    const { change } = JSON.parse(frame.body) as { change: { kind: string; id: string } };
    changes.push([change.kind, change.id]);
  }
  return changes;
}

function standing(id: string, state: HelpStanding['state'], more: Partial<HelpStanding> = {}): HelpStanding {
  return { id, state, at: 5000, by: null, answer: null, ...more };
}

const ask = (book: ReturnType<typeof scene>['book'], text = 'No sound') =>
  book.ask({ person: KIM, text, about: null });

describe('the book of requests to IT', () => {
  it('puts a request in line at once and keeps it over a restart until its end is known', () => {
    const { outbox, clock, file, book } = scene();
    const { id } = ask(book);
    expect(waiting(outbox)).toEqual([['asked', id]]);
    const again = createHelpBook({ outbox, clock, file });
    expect(again.requests).toEqual(book.requests);
    // It is in line already: nothing is told twice for the restart's sake.
    expect(waiting(outbox)).toEqual([['asked', id]]);
    expect(again.unfinished()).toEqual([id]);
    again.told({ type: 'help', requests: [standing(id, 'closed', { by: 'Sam' })] });
    expect(again.unfinished()).toEqual([]);
  });

  it('puts in line what was kept by a process that was killed before it could', () => {
    const { outbox, clock, file, book } = scene();
    const { id } = ask(book);
    const [request] = file.kept;
    outbox.ack(1);
    file.kept = [{ ...request!, sent: { asked: null, withdrawn: null } }];
    createHelpBook({ outbox, clock, file });
    expect(waiting(outbox)).toEqual([['asked', id]]);
  });

  it('tells a collector again what that does not know, once it is no longer under way', () => {
    const { outbox, book } = scene();
    const { id } = ask(book);
    book.told({ type: 'help', requests: [standing(id, 'unknown')] });
    expect(waiting(outbox)).toEqual([['asked', id]]);
    outbox.ack(1);
    book.told({ type: 'help', requests: [standing(id, 'open')] });
    // The collector was set back to a backup of before.
    book.told({ type: 'help', requests: [standing(id, 'unknown')] });
    expect(waiting(outbox)).toEqual([['asked', id]]);
    expect(book.requests.map(helpProgress)).toEqual(['waiting']);
  });

  it('holds a request for a collector that is too old, and tells a newer one', () => {
    const { outbox, book } = scene();
    const { id } = ask(book);
    book.refused(1, 'frame-unsupported');
    outbox.ack(1);
    expect(book.requests).toMatchObject([{ id, held: 'frame-unsupported' }]);
    expect(book.requests.map(helpProgress)).toEqual(['waiting']);
    expect(book.unfinished()).toEqual([id]);
    book.told({ type: 'help', requests: [standing(id, 'unknown')] });
    expect(waiting(outbox)).toEqual([['asked', id]]);
    expect(book.requests).toMatchObject([{ held: null }]);
  });

  it('asks again for nobody what IT no longer keeps: an answered request is over then', () => {
    const { outbox, book } = scene();
    const { id } = ask(book);
    outbox.ack(1);
    const answer = { text: 'Done', by: 'Sam', at: 6000 };
    book.told({ type: 'help', requests: [standing(id, 'answered', { by: 'Sam', answer })] });
    book.told({ type: 'help', requests: [standing(id, 'unknown')] });
    expect(waiting(outbox)).toEqual([]);
    expect(book.requests).toMatchObject([{ standing: { state: 'closed', answer } }]);
  });

  it('withdraws for the person whose request it is, in the order it was asked', () => {
    const { outbox, book } = scene();
    const { id } = ask(book);
    expect(() => book.withdraw(id, LEE.key)).toThrow(expect.objectContaining({ code: 'not-found' }));
    book.withdraw(id, KIM.key);
    expect(waiting(outbox)).toEqual([
      ['asked', id],
      ['withdrawn', id],
    ]);
    expect(book.requests.map(helpProgress)).toEqual(['withdrawn']);
    // A second press changes nothing.
    book.withdraw(id, KIM.key);
    expect(waiting(outbox)).toHaveLength(2);
    book.told({ type: 'help', requests: [standing(id, 'withdrawn')] });
    expect(book.unfinished()).toEqual([]);
  });

  it('lets an answer win over a withdrawal that was on its way', () => {
    const { book } = scene();
    const { id } = ask(book);
    book.told({ type: 'help', requests: [standing(id, 'seen', { by: 'Sam' })] });
    book.withdraw(id, KIM.key);
    book.told({ type: 'help', requests: [standing(id, 'answered', { by: 'Sam' })] });
    expect(book.requests.map(helpProgress)).toEqual(['answered']);
    expect(() => book.withdraw(id, KIM.key)).toThrow(expect.objectContaining({ code: 'help-over' }));
  });

  it('takes as many as may wait and says why no more, until one is answered', () => {
    const { book } = scene();
    const all = Array.from({ length: LIMITS.helpOpen }, (_, n) => ask(book, `request ${n}`));
    expect(() => ask(book)).toThrow(expect.objectContaining({ code: 'help-too-many' }));
    book.told({ type: 'help', requests: [standing(all[0]!.id, 'answered')] });
    expect(helpProgress(ask(book))).toBe('waiting');
  });

  it('forgets those that are over first when there are too many to keep', () => {
    const { book } = scene();
    const first = ask(book, 'the first, still open');
    for (let n = 0; n < LIMITS.helpKept + 5; n += 1) {
      const { id } = ask(book, `request ${n}`);
      book.told({ type: 'help', requests: [standing(id, 'closed')] });
    }
    expect(book.requests).toHaveLength(LIMITS.helpKept);
    expect(book.requests[0]?.id).toBe(first.id);
  });
});
