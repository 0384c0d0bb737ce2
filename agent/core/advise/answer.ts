import type { Findings } from '../../../shared/device/finding.ts';
import { checkName } from '../../../shared/text/finding-words.ts';
import { type Locale, reasonSentence } from '../../../shared/text/sentence.ts';
import type { DeviceProblem, Saying } from './problems.ts';

/** What the assistant says, and what it rests on. */
export interface PlainAnswer {
  readonly kind: 'problem' | 'check' | 'overview' | 'nothing';
  readonly says: readonly Saying[];
  readonly problems: readonly string[];
  readonly findings: readonly string[];
}

/** How much of a word must be alike: German and French endings differ, the stem does not. */
const STEM = 5;
/** Words of a question that name no subject, whatever the language. */
const SHORTEST = 3;
/** Best-fitting checks that are told at most. */
const CHECKS = 3;

/**
 * Answers from this device's problems and findings by the words they share with the question. Pure. It makes nothing up: what
 * no check speaks of is answered with `nothing`.
 */
export function answerFrom(
  question: string,
  { findings, problems, locale }: { findings: Findings; problems: readonly DeviceProblem[]; locale: Locale },
): PlainAnswer {
  if (Object.keys(findings).length === 0)
    return { kind: 'nothing', says: [say('assist.unknown')], problems: [], findings: [] };
  const asked = stemsOf(question);
  const fitting = problems
    .map(problem => ({
      problem,
      fit: fitOf(
        asked,
        [problem.what, problem.why, ...problem.steps].map(words => reasonSentence(locale, words)).join(' '),
      ),
    }))
    .filter(({ fit }) => fit > 0);
  const checks = Object.keys(findings)
    .map(id => ({ id, fit: fitOf(asked, checkName(locale, id)) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .slice(0, CHECKS)
    .map(({ id }) => id);
  if (checks.length > 0) {
    const spoken = problems.filter(problem => problem.checks.some(id => checks.includes(id)));
    return {
      kind: spoken.length > 0 ? 'problem' : 'check',
      says: [
        ...checks.map(id => say('assist.check', { check: checkName(locale, id) })),
        ...(spoken.length > 0
          ? [say('assist.problems', { count: spoken.length })]
          : [say('assist.no-problem')]),
      ],
      problems: spoken.map(({ id }) => id),
      findings: checks,
    };
  }
  if (fitting.length > 0) {
    const best = Math.max(...fitting.map(({ fit }) => fit));
    const spoken = fitting.filter(({ fit }) => fit === best).map(({ problem }) => problem);
    return {
      kind: 'problem',
      says: [say('assist.problems', { count: spoken.length })],
      problems: spoken.map(({ id }) => id),
      findings: [...new Set(spoken.flatMap(({ checks: rest }) => rest))].filter(
        id => findings[id] !== undefined,
      ),
    };
  }
  if (isGeneral(asked)) {
    return {
      kind: 'overview',
      says: [problems.length === 0 ? say('assist.well') : say('assist.problems', { count: problems.length })],
      problems: problems.map(({ id }) => id),
      findings: [],
    };
  }
  return { kind: 'nothing', says: [say('assist.nothing')], problems: [], findings: [] };
}

function say(key: string, params: Saying['params'] = {}): Saying {
  return { key, params };
}

function stemsOf(text: string): Set<string> {
  const words = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return new Set((words ?? []).filter(word => word.length >= SHORTEST).map(word => word.slice(0, STEM)));
}

function fitOf(asked: ReadonlySet<string>, text: string): number {
  let fit = 0;
  for (const stem of stemsOf(text)) if (asked.has(stem) && !ORDINARY.has(stem)) fit += 1;
  return fit;
}

/** Words that stand in questions and sentences alike and say nothing about the subject. */
const ORDINARY = stemsOf(
  [
    'the and for you your this that what how why when does not are can with from is it my on of has have device computer laptop',
    'der die das und ist ein eine ich mein meine was wie warum wann nicht mit von auf den dem sie ihr ihre gerat rechner laptop',
    'les des une est que quoi pourquoi comment quand pas avec mon mes son votre vous cet cette appareil ordinateur dans sur pour',
    'los las una que por como cuando con del mis este esta equipo ordenador usted para son hay',
  ].join(' '),
);

/** Words that ask how it is on the whole. */
const GENERAL = stemsOf(
  'wrong problem problems okay fine health healthy status well todo attention ' +
    'falsch problem probleme ordnung gesund gesundheit zustand status los tun ' +
    'probleme problemes bien sante etat statut faire ' +
    'problema problemas bien salud estado hacer mal',
);

function isGeneral(asked: ReadonlySet<string>): boolean {
  return [...asked].some(stem => GENERAL.has(stem));
}
