import { describe, expect, test } from 'vitest';
import { answerFrom } from '../../../agent/core/advise/answer.ts';
import { problemsOf } from '../../../agent/core/advise/problems.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import { isSentenceKey, LOCALES, reasonSentence } from '../../../shared/text/sentence.ts';
import { healthyFindings, okFinding } from '../../support/records.ts';

const now = Date.UTC(2026, 10, 24, 10);
const healthy = healthyFindings(now);
const ids = (findings: Findings) => problemsOf(findings, 'windows', now).map(({ id }) => id);

const BAD: Findings = {
  ...healthy,
  'fw.enabled': okFinding({ enabled: false, product: null, profiles: null, blockAll: null, stealth: null }),
  'disk.encryption': okFinding({ systemVolume: 'off', volumes: [] }),
  'disk.free': okFinding({
    volumes: [{ mount: 'C:', fs: 'NTFS', sizeBytes: 500e9, freeBytes: 5e9, system: true }],
  }),
  'reboot.pending': okFinding({ pending: true, markers: ['x'] }),
  uptime: okFinding({ seconds: 40 * 86_400, bootedAt: 0, fastStartup: null }),
  'os.support': okFinding({
    cycle: '10',
    label: 'Windows 10 22H2',
    supported: true,
    supportEnd: '2026-12-01',
    extendedEnd: null,
    asOf: '2026-11-01',
  }),
};

describe('problems', () => {
  test('are none on a healthy device', () => {
    expect(ids(healthy)).toEqual([]);
  });

  test('are told most pressing first, a restart once', () => {
    expect(ids(BAD)).toEqual([
      'disk-full',
      'encryption-off',
      'firewall-off',
      'support-ending',
      'restart-waiting',
    ]);
  });

  test('are not made of what could not be told', () => {
    const silent = Object.fromEntries(
      Object.entries(BAD).map(([id, { at, ms, hash }]) => [
        id,
        { status: 'failed', reason: 'timeout', at, ms, hash } as const,
      ]),
    );
    expect(ids(silent)).toEqual([]);
  });

  test('name the day after which it hurts', () => {
    const support = problemsOf(BAD, 'windows', now).find(({ id }) => id === 'support-ending');
    expect(support?.by).toBe(Date.UTC(2026, 11, 2));
  });

  test.each(['windows', 'macos', 'linux'] as const)('are in words that exist, on %s', platform => {
    const said = problemsOf(BAD, platform, now).flatMap(({ what, why, steps }) => [what, why, ...steps]);
    expect(said.filter(({ key }) => !isSentenceKey(key))).toEqual([]);
    for (const locale of LOCALES) {
      expect(said.map(words => reasonSentence(locale, words)).filter(words => /[{}?]$/.test(words))).toEqual(
        [],
      );
    }
  });
});

describe('the assistant', () => {
  const problems = problemsOf(BAD, 'windows', now);
  const ask = (question: string, locale: 'en' | 'de' | 'fr' | 'es' = 'en') =>
    answerFrom(question, { findings: BAD, problems, locale });

  test.each([
    ['Why is my firewall off?', 'en', 'firewall-off'],
    ['Was ist mit meiner Festplattenverschlüsselung?', 'de', 'encryption-off'],
    ['Mon pare-feu est-il actif ?', 'fr', 'firewall-off'],
    ['¿Cuánto espacio en disco queda?', 'es', 'disk-full'],
  ] as const)('answers %s from the check and its problem', (question, locale, problem) => {
    const said = ask(question, locale);
    expect(said.problems).toContain(problem);
    expect(said.kind).toBe('problem');
  });

  test('gives an overview when asked how it is', () => {
    expect(ask('What is wrong?')).toMatchObject({ kind: 'overview', problems: problems.map(({ id }) => id) });
  });

  test('says that it knows nothing of other things', () => {
    expect(ask('Who won the football match yesterday?')).toMatchObject({ kind: 'nothing', problems: [] });
  });

  test('says so when no check has answered yet', () => {
    const said = answerFrom('firewall?', { findings: {}, problems: [], locale: 'en' });
    expect(said.says).toEqual([{ key: 'assist.unknown', params: {} }]);
  });
});
