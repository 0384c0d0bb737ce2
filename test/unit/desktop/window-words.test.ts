import { expect, test } from 'vitest';
import { SETTING_KEYS } from '../../../agent/core/settings/table.ts';
import { CATALOGUES, isSentenceKey, LOCALES } from '../../../shared/text/sentence.ts';
import { windowDe } from '../../../shared/text/window/de.ts';
import { windowEn } from '../../../shared/text/window/en.ts';
import { windowEs } from '../../../shared/text/window/es.ts';
import { windowFr } from '../../../shared/text/window/fr.ts';

test('every word of the window is there in all four languages, and none is empty', () => {
  const keys = Object.keys(windowEn).sort();
  for (const own of [windowDe, windowFr, windowEs]) expect(Object.keys(own).sort()).toEqual(keys);
  for (const locale of LOCALES) {
    expect(keys.filter(key => !isSentenceKey(key) || CATALOGUES[locale][key].trim() === '')).toEqual([]);
  }
});

test('every setting of the agent has a name for the person at the device', () => {
  expect(SETTING_KEYS.filter(key => !isSentenceKey(`setting.${key}`))).toEqual([]);
});
