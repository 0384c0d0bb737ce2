import { localeOf } from '../../../shared/text/sentence.ts';
import { type Bridge, PAGES } from '../contract.ts';
import { createDouble } from '../double.ts';
import { isSceneName, SCENE_NOW, SCENES, type Scene } from '../scenes.ts';
import { now, setNow } from './time.ts';

/**
 * What the page shows in a browser: `?scene=NAME`, with `lang=de`, `page=privacy` and `problem=ID` to begin elsewhere, `silent` for a
 * service that does not answer. The
 * clock starts at the moment all scenes play at, so that two pictures of one scene are alike.
 */
export function sceneBridge(query: URLSearchParams): Bridge {
  setNow(SCENE_NOW);
  const name = query.get('scene') ?? 'well';
  const scene: Scene = SCENES[isSceneName(name) ? name : 'well'];
  const language = query.get('lang');
  const page = PAGES.find(known => known === query.get('page')) ?? scene.view.page;
  const problem = query.get('problem');
  const double = createDouble(
    {
      ...scene,
      view: { page, ...(problem === null ? {} : { problem }) },
      language: language === null ? scene.language : { locale: localeOf(language), follows: false },
    },
    { now, stepMs: Number(query.get('step') ?? 150) },
  );
  if (query.has('silent')) {
    // Asked and never answered: what a page looks like while it waits.
    for (const call of ['home.get', 'problems.list', 'requests.list', 'privacy.get', 'about.get']) {
      double.answer(call, () => new Promise(() => undefined));
    }
  }
  // Tests drive the scene through it: what the page asked, and what the service would tell.
  Reflect.set(window, 'double', double);
  return double.bridge;
}
