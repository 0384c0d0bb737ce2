import { describe, expect, it } from 'vitest';
import { waitAsked, waitBefore } from '../../../collector/connect/retry.ts';

const now = Date.UTC(2026, 0, 10, 12);
const asked = (headers: Record<string, string>, status = 429) =>
  waitAsked({ status, headers: new Headers(headers) }, now);

describe('how long a vendor asks to wait', () => {
  it('is read from seconds', () => {
    expect(asked({ 'Retry-After': '17' })).toBe(17_000);
  });

  it('is read from an HTTP date, by the clock of whoever wrote it', () => {
    expect(
      asked({ 'Retry-After': 'Sat, 10 Jan 2026 14:00:30 GMT', Date: 'Sat, 10 Jan 2026 14:00:00 GMT' }),
    ).toBe(30_000);
  });

  it('is read from an absolute epoch in seconds and in milliseconds', () => {
    expect(asked({ 'X-RateLimit-RetryAfter': String(now / 1000 + 42) })).toBe(42_000);
    expect(asked({ 'X-RateLimit-RetryAfter': String(now + 42_000) })).toBe(42_000);
  });

  it('is read from a reset as epoch, as ISO time and as a delay', () => {
    expect(asked({ 'X-RateLimit-Reset': String(now / 1000 + 60) })).toBe(60_000);
    expect(asked({ 'X-RateLimit-Reset': '2026-01-10T12:01:00Z' })).toBe(60_000);
    expect(asked({ 'X-RateLimit-Reset': '60' })).toBe(60_000);
  });

  it('is not the end of the day’s quota when there is some left', () => {
    const reset = { 'X-RateLimit-Reset': String(now / 1000 + 3600) };
    expect(asked({ ...reset, 'X-RateLimit-Remaining': '49000' }, 503)).toBeNull();
    expect(asked({ ...reset, 'X-RateLimit-Remaining': '0' }, 503)).toBe(3_600_000);
  });

  it('prefers the plainest word', () => {
    expect(asked({ 'Retry-After': '5', 'X-RateLimit-Reset': String(now / 1000 + 3600) })).toBe(5000);
  });

  it('is nothing when the time is over, and unknown when nothing is said or readable', () => {
    expect(asked({ 'X-RateLimit-RetryAfter': String(now / 1000 - 10) })).toBe(0);
    expect(asked({})).toBeNull();
    expect(asked({ 'Retry-After': 'soon' })).toBeNull();
  });
});

describe('the wait before a retry', () => {
  it('is never shorter than asked, and never nothing', () => {
    expect(waitBefore(0, 3000, () => 0)).toBe(3000);
    expect(waitBefore(0, 0, () => 0)).toBe(500);
  });

  it('grows with every try when nothing was said, up to a minute', () => {
    expect([0, 1, 2, 10].map(retry => waitBefore(retry, null, () => 0.5))).toEqual([
      1000, 2000, 4000, 30_000,
    ]);
  });
});
