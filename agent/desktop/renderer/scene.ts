import { localeOf } from '../../../shared/text/sentence.ts';
import { type Bridge, PAGES } from '../contract.ts';
import { createDouble } from '../double.ts';
import { isSceneName, SCENE_NOW, SCENES, type Scene } from '../scenes.ts';
import { keepDraft } from './state/kept.ts';
import { now, setNow } from './time.ts';

/**
 * What the page shows in a browser: `?scene=NAME`, with `lang=de`, `page=privacy`, `problem=ID` and `request=ID` to begin elsewhere, `write` for a request to IT
 * that is being written, `silent` or
 * `refused` for a service that does not answer or cannot. The
 * clock starts at the moment all scenes play at, so that two pictures of one scene are alike.
 */
export function sceneBridge(query: URLSearchParams): Bridge {
  setNow(SCENE_NOW);
  const name = query.get('scene') ?? 'well';
  const scene: Scene = SCENES[isSceneName(name) ? name : 'well'];
  const language = query.get('lang');
  const page = PAGES.find(known => known === query.get('page')) ?? scene.view.page;
  const problem = query.get('problem');
  const request = query.get('request');
  const double = createDouble(
    {
      ...scene,
      view: {
        page,
        ...(problem === null ? {} : { problem }),
        ...(request === null ? {} : { request }),
      },
      language: language === null ? scene.language : { locale: localeOf(language), follows: false },
    },
    { now, stepMs: Number(query.get('step') ?? 150) },
  );
  for (const call of [
    'home.get',
    'problems.list',
    'requests.list',
    'help.list',
    'privacy.get',
    'about.get',
  ]) {
    // Asked and never answered: what a page looks like while it waits.
    if (query.has('silent')) double.answer(call, () => new Promise(() => undefined));
    if (query.has('refused')) double.answer(call, () => ({ ok: false, code: 'internal', detail: 'refused' }));
  }
  if (query.has('write')) {
    const help = {
      text: 'Outlook asks for my password\nagain and again.',
      problem: scene.problems[0]?.id ?? null,
    };
    keepDraft({ question: '', help, turns: [] });
  }
  // Tests drive the scene through it: what the page asked, and what the service would tell.
  Reflect.set(window, 'double', double);
  return double.bridge;
}
