import { expect, test } from 'vitest';
import { SCAN_IDS } from '../../../shared/device/facts.ts';
import { FINDING_REASONS } from '../../../shared/device/finding.ts';
import { ALL_PROBLEM_CODES } from '../../../shared/problem/codes.ts';
import { TOLD, tell } from '../../../shared/problem/tell.ts';
import { checkName, findingWords } from '../../../shared/text/finding-words.ts';
import {
  CATALOGUES,
  isSentenceKey,
  LOCALES,
  localeOf,
  reasonSentence,
  sentence,
} from '../../../shared/text/sentence.ts';

const placeholders = (template: string) =>
  [...new Set([...template.matchAll(/\{([a-zA-Z]+)/g)].map(match => match[1]))].sort();
const common = { at: 1, ms: 2, hash: '0123456789abcdef' };

test('every language has the same sentences with the same placeholders', () => {
  for (const locale of LOCALES) {
    expect(Object.keys(CATALOGUES[locale]).sort()).toEqual(Object.keys(CATALOGUES.en).sort());
    for (const [key, template] of Object.entries(CATALOGUES[locale])) {
      const english: string = isSentenceKey(key) ? CATALOGUES.en[key] : '';
      expect([locale, key, placeholders(template)]).toEqual([locale, key, placeholders(english)]);
    }
  }
});

test('every problem code is told in every language, and nothing else is', () => {
  for (const locale of LOCALES) {
    expect(Object.keys(TOLD[locale]).sort()).toEqual([...ALL_PROBLEM_CODES].sort());
    for (const code of ALL_PROBLEM_CODES) {
      for (const part of Object.values(tell(code, locale))) expect(part.length).toBeGreaterThan(3);
    }
  }
});

test('every reason a check may give has a sentence', () => {
  for (const reason of FINDING_REASONS) expect(isSentenceKey(`reason.${reason}`)).toBe(true);
});

test('every check has a name of its own in every language', () => {
  for (const locale of LOCALES) {
    expect(SCAN_IDS.map(id => checkName(locale, id)).filter(name => name.includes('.'))).toEqual([]);
  }
});

test('a number picks the form of the word that fits it', () => {
  expect(sentence('en', 'score.incident.restarts', { count: 1, days: 14 })).toBe('1 restart in 14 days');
  expect(sentence('de', 'score.battery.cycles', { count: 1200 })).toBe(
    'Akku hat 1.200 Ladezyklen hinter sich',
  );
});

test('a date and a hazard in a reason are put into words', () => {
  expect(
    reasonSentence('en', {
      key: 'score.compliance.support-ended',
      params: { name: 'macOS 13', date: '2025-09-15' },
    }),
  ).toBe('macOS 13 has had no security updates since 15 Sept 2025');
  expect(reasonSentence('fr', { key: 'score.unknown', params: { hazard: 'disk-full' } })).toBe(
    'On en sait trop peu sur l’espace disque',
  );
});

test('a reason of a newer collector is named instead of hidden', () => {
  expect(reasonSentence('en', { key: 'score.fan.dusty', params: {} })).toContain('score.fan.dusty');
});

test('a missing value shows as a question mark, never as a brace', () => {
  expect(reasonSentence('en', { key: 'score.disk.full', params: { percent: 3 } })).toBe(
    'Only 3 % of the system disk is free (? GiB)',
  );
});

test('a language tag falls back to a language we speak', () => {
  expect(['de-CH', 'pt-BR', 'es'].map(localeOf)).toEqual(['de', 'en', 'es']);
});

test('a finding without a value says why', () => {
  const finding = { status: 'failed' as const, reason: 'timeout' as const, ...common };
  expect(findingWords('en', 'disk.health', finding)).toBe('No answer within the time limit');
});

test('the system volume is the one whose free space is told', () => {
  const volume = { fs: 'ntfs', sizeBytes: 256 * 1024 ** 3 };
  const value = {
    volumes: [
      { mount: 'D:', ...volume, freeBytes: 1, system: false },
      { mount: 'C:', ...volume, freeBytes: 16 * 1024 ** 3, system: true },
    ],
  };
  expect(findingWords('en', 'disk.free', { status: 'ok', value, ...common })).toBe(
    '6 % free on C: (16 of 256 GiB); 1 more volume',
  );
});

test('the worst drive is the one that is told', () => {
  const disk = {
    media: 'ssd',
    bus: null,
    sizeBytes: null,
    wearPercent: null,
    temperatureC: null,
    mediaErrors: null,
    reallocatedSectors: null,
    powerOnHours: null,
    reason: null,
  };
  const value = {
    disks: [
      { device: '/dev/sda', model: 'Good', health: 'healthy', ...disk },
      { device: '/dev/sdb', model: 'Bad', health: 'unhealthy', ...disk },
    ],
  };
  expect(findingWords('en', 'disk.health', { status: 'ok', value, ...common })).toBe(
    'Drive Bad says it is failing',
  );
});

test('a value that does not fit its check is told as unreadable, not guessed', () => {
  expect(findingWords('en', 'fw.enabled', { status: 'ok', value: { enabled: 'yes' }, ...common })).toBe(
    'Answered, but not in the shape this version expects',
  );
});

test('suspended encryption is not told as encrypted', () => {
  const value = { systemVolume: 'suspended', volumes: [] };
  expect(findingWords('en', 'disk.encryption', { status: 'ok', value, ...common })).toBe(
    'Encrypted, but protection is suspended',
  );
});
