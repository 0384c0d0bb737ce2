import { describe, expect, it } from 'vitest';
import { answersOf } from '../../../collector/console/device/answers.ts';
import { searchChecks } from '../../../collector/console/posture/check-search.ts';
import { FINDING_REASONS, type Finding, type FindingReason } from '../../../shared/device/finding.ts';
import { CATALOGUE } from '../../../shared/posture/catalogue.ts';
import { CHECK_IDS } from '../../../shared/posture/checks.ts';
import { SAMPLES } from '../../../shared/posture/samples.ts';

const stamp = { at: 1, ms: 2, hash: '0123456789abcdef' };
const none = (status: 'absent' | 'unsupported' | 'failed', reason: FindingReason): Finding => ({
  status,
  reason,
  ...stamp,
});
const only = (id: string, finding: Finding) => answersOf({ [id]: finding }, 'windows', false)[0];

describe('the answers of a device', () => {
  it('have every check in one group, whatever the device sent', () => {
    for (const platform of ['windows', 'macos', 'linux'] as const) {
      const answers = answersOf({ 'fw.enabled': none('failed', 'timeout') }, platform, true);
      expect(answers.map(answer => answer.id).sort()).toEqual(CHECK_IDS.toSorted());
      for (const { id, group, why } of answers)
        expect([id, group !== 'answered' && why]).not.toEqual([id, null]);
    }
  });

  it('say of a moment of the past only what was sent then', () => {
    expect(answersOf({ perf: { status: 'ok', value: SAMPLES.perf, ...stamp } }, 'linux', false)).toHaveLength(
      1,
    );
  });

  it('give a reason for every finding without a value, except that the thing is truly not there', () => {
    for (const reason of FINDING_REASONS) {
      for (const status of ['absent', 'unsupported', 'failed'] as const) {
        const answer = only('battery', none(status, reason));
        expect([status, reason, answer?.why === null]).toEqual([
          status,
          reason,
          status === 'absent' && (reason === 'not-present' || reason === 'not-installed'),
        ]);
      }
    }
  });

  it.each([
    ['tpm', none('failed', 'not-permitted'), 'cannot', 'installed as a service'],
    ['os.integrity', none('failed', 'constrained-language'), 'cannot', 'locked down'],
    ['edr.falcon', none('unsupported', 'not-installed'), 'cannot', 'not installed'],
    ['file', none('absent', 'not-applicable'), 'cannot', 'Nothing to look for'],
    ['fw.enabled', none('failed', 'timeout'), 'untold', 'time limit'],
  ] as const)('put %s with its reason where it belongs', (id, finding, group, words) => {
    const answer = only(id, finding);
    expect(answer?.group).toBe(group);
    expect(answer?.why).toContain(words);
  });

  it('name who would answer what no device can, and the system that has no way to', () => {
    const answers = new Map(answersOf({}, 'linux', true).map(answer => [answer.id, answer]));
    expect(answers.get('edr.ztaScore')).toMatchObject({ group: 'cannot', cost: null });
    expect(answers.get('edr.ztaScore')?.why).toMatch(/^CrowdStrike answers/);
    expect(answers.get('geo.location')?.why).toMatch(/^The collector answers/);
    expect(answers.get('registry.text')).toMatchObject({ group: 'cannot', cost: null });
    expect(answers.get('update.missing')).toMatchObject({ group: 'untold', cost: 'heavy' });
  });

  it('show a check of a newer agent as what it sent', () => {
    expect(only('moon.phase', { status: 'ok', value: { phase: 'full' }, ...stamp })).toMatchObject({
      group: 'answered',
      cost: null,
    });
  });
});

describe('searching the checks', () => {
  const checks = CATALOGUE.map(check => ({ ...check }));
  const ids = (text: string) => searchChecks(checks, text).map(check => check.id);

  it('finds all when nothing is asked for', () => {
    expect(ids('  ')).toHaveLength(CHECK_IDS.length);
  });

  it('finds by id, name, meaning, fact, and every word must be found', () => {
    expect(ids('DISK.ENC')).toContain('disk.encryption');
    expect(ids('realTimeProtection')).toEqual(['av.defender']);
    expect(ids('linux heavy')).toContain('update.missing');
    expect(ids('crowdstrike')).toEqual(expect.arrayContaining(['edr.falcon', 'edr.ztaScore']));
    expect(ids('encrypted nonsense')).toEqual([]);
  });
});
