import './no-eval.ts';
import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/Button.css';
import '@mantine/core/styles/Input.css';
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/Loader.css';
import '@mantine/core/styles/Switch.css';
import './style/tokens.css';
import './style/base.css';
import './style/pages.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { deskOf } from '../client.ts';
import type { Bridge } from '../contract.ts';
import { Boundary } from './shell/boundary.tsx';
import { TrayWindow } from './shell/tray-window.tsx';
import { DeskProvider, DeskState } from './state/desk-state.ts';
import { theme } from './theme.ts';

/** The app's bridge; in a browser, where there is none, a scene takes its place. */
async function bridge(): Promise<Bridge> {
  if (window.trayline !== undefined) return window.trayline;
  const { sceneBridge } = await import('./scene.ts');
  return sceneBridge(new URLSearchParams(location.search));
}

const state = new DeskState(deskOf(await bridge()));
state.start();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    {/* SECURITY: the page's policy allows no inline styles; Mantine must not write any (variables are in the style sheets). */}
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <DeskProvider value={state}>
        <Boundary>
          <TrayWindow />
        </Boundary>
      </DeskProvider>
    </MantineProvider>
  </StrictMode>,
);
