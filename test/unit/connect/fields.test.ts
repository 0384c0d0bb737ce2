import { describe, expect, it } from 'vitest';
import { Fields, identifiersOf, vendorIdOf } from '../../../collector/connect/fields.ts';

const said = (say: (fields: Fields) => void) => {
  const fields = new Fields();
  say(fields);
  return Object.values(fields.all())[0];
};

describe('a field', () => {
  it.each([null, undefined, '', '  ', '00000000-0000-0000-0000-000000000000'])('of %j is not told', value => {
    expect(said(fields => fields.text('os.version', value))).toEqual({ value: null, reason: 'not-told' });
    expect(said(fields => fields.boolean('management.managed', value))).toEqual({
      value: null,
      reason: 'not-told',
    });
    expect(said(fields => fields.number('battery.percent', value))).toEqual({
      value: null,
      reason: 'not-told',
    });
  });

  it('that is a word becomes ours, whatever its case, and keeps the vendor’s', () => {
    const words = { NonCompliant: false, Compliant: true, Unknown: null } as const;
    const word = (value: unknown) => said(fields => fields.word('compliance.compliant', value, words));
    expect(word('non_compliant')).toEqual({ value: false, raw: 'non_compliant' });
    expect(word('COMPLIANT')).toEqual({ value: true, raw: 'COMPLIANT' });
    expect(word('unknown')).toEqual({ value: null, reason: 'vendor-unknown', raw: 'unknown' });
  });

  it('that is a word nobody knows is unknown and keeps it', () => {
    const field = said(fields => fields.word('compliance.state', 'quarantined', { compliant: 'compliant' }));
    expect(field).toEqual({ value: null, reason: 'unknown-word', raw: 'quarantined' });
  });

  it('that should be a word and is an integer is looked up as its digits', () => {
    const words = { 0: 'unknown', 3: 'compliant' } as const;
    expect(said(fields => fields.word('compliance.state', 3, words))).toEqual({
      value: 'compliant',
      raw: '3',
    });
    expect(said(fields => fields.word('compliance.state', 7, words))).toMatchObject({
      reason: 'unknown-word',
      raw: '7',
    });
  });

  it('that is a number may come as text, and must be possible', () => {
    const percent = (value: unknown) =>
      said(fields => fields.number('battery.percent', value, { most: 100 }));
    expect(percent('81')).toEqual({ value: 81 });
    expect(percent('700')).toEqual({ value: null, reason: 'unreadable', raw: '700' });
    expect(percent('full')).toMatchObject({ value: null, reason: 'unreadable' });
    expect(percent(-1)).toMatchObject({ value: null });
  });

  it('of size 0 is not told where none can be 0', () => {
    expect(said(fields => fields.positive('perf.memoryTotalBytes', 0))).toEqual({
      value: null,
      reason: 'not-told',
    });
    expect(said(fields => fields.positive('perf.memoryTotalBytes', '16', { scale: 1024 }))).toEqual({
      value: 16_384,
    });
  });

  it('that is a yes or no may come as text or digit, and Unknown is neither', () => {
    const values = ['True', 'false', 1, '0', 'yes', true].map(
      value => said(fields => fields.boolean('security.jailbroken', value))?.value,
    );
    expect(values).toEqual([true, false, true, false, true, true]);
    expect(said(fields => fields.boolean('security.jailbroken', 'Unknown'))).toMatchObject({
      value: null,
      reason: 'vendor-unknown',
    });
    expect(said(fields => fields.boolean('security.jailbroken', 'perhaps'))).toMatchObject({
      reason: 'unreadable',
    });
  });

  it('that is a time of year 1 is not told, and nonsense is unreadable', () => {
    const time = (value: unknown) => said(fields => fields.time('management.enrolledAt', value));
    expect(time('0001-01-01T00:00:00.000')).toEqual({ value: null, reason: 'not-told' });
    expect(time('yesterday')).toEqual({ value: null, reason: 'unreadable', raw: 'yesterday' });
  });

  it('that is an empty list is an answer, and a missing one is not', () => {
    expect(said(fields => fields.list('management.tags', []))).toEqual({ value: [] });
    expect(said(fields => fields.list('management.tags', null))).toEqual({ value: null, reason: 'not-told' });
  });

  it('may have a time of its own', () => {
    const fields = new Fields().text('os.version', '1').at(5_000_000_000, () => undefined);
    fields.at(6_000_000_000, () => fields.known('edr.ztaScore', 70));
    expect(fields.all()).toEqual({
      'os.version': { value: '1' },
      'edr.ztaScore': { value: 70, observedAt: 6_000_000_000 },
    });
  });
});

describe('identifiers', () => {
  it('are normalised, and fillers are none', () => {
    expect(
      identifiersOf({
        serial: ' pf-2abc ',
        uuid: '{4C4C4544-0042-3510-8052-B4C04F564231}',
        entraDeviceId: '00000000-0000-0000-0000-000000000000',
        udid: '00008103-001a2b3c4d5e6f70',
        falconAid: 'ABCDEF0123456789ABCDEF0123456789',
        macs: [
          '3C-52-82-00-00-01',
          '3c:52:82:00:00:01',
          '3C5282000002',
          '',
          null,
          '02:11:22:33:44:55',
          '00-00-00-00-00-00',
        ],
        hostname: 'LT-1',
      }),
    ).toEqual({
      serial: 'PF-2ABC',
      uuid: '4c4c4544-0042-3510-8052-b4c04f564231',
      entraDeviceId: null,
      udid: '00008103-001A2B3C4D5E6F70',
      falconAid: 'abcdef0123456789abcdef0123456789',
      macs: ['3c:52:82:00:00:01', '3c:52:82:00:00:02'],
      hostname: 'LT-1',
    });
  });

  it('that say nothing are null', () => {
    expect(
      identifiersOf({ serial: 'To Be Filled By O.E.M.', udid: 'x', falconAid: '12', hostname: '' }),
    ).toEqual({
      serial: null,
      uuid: null,
      entraDeviceId: null,
      udid: null,
      falconAid: null,
      macs: [],
      hostname: null,
    });
  });

  it('of records are text, whether the vendor counts or uses GUIDs', () => {
    expect([vendorIdOf(42), vendorIdOf('9F-2'), vendorIdOf(''), vendorIdOf(null), vendorIdOf({})]).toEqual([
      '42',
      '9F-2',
      null,
      null,
      null,
    ]);
  });
});
