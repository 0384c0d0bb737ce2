import './no-eval.ts';
import { schemeManager } from './scheme.ts';
import '@mantine/core/styles/baseline.css';
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/Button.css';
import '@mantine/core/styles/ActionIcon.css';
import '@mantine/core/styles/CloseButton.css';
import '@mantine/core/styles/Input.css';
import '@mantine/core/styles/InlineInput.css';
import '@mantine/core/styles/PasswordInput.css';
import '@mantine/core/styles/Loader.css';
import '@mantine/core/styles/Overlay.css';
import '@mantine/core/styles/Paper.css';
import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/Menu.css';
import '@mantine/core/styles/ModalBase.css';
import '@mantine/core/styles/Modal.css';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/fleet.css';
import './style/device.css';
import './style/posture.css';
import './style/agent-settings.css';
import './style/integrations.css';
import './style/help.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Boundary } from './shell/boundary.tsx';
import { Console } from './shell/console.tsx';
import { liveSource } from './source/live.ts';
import type { ConsoleSource } from './source/source.ts';
import { ConsoleState, ConsoleStateProvider } from './state/console-state.ts';
import { SCENE } from './state/place.ts';
import { theme, variables } from './theme.ts';

async function chooseSource(): Promise<ConsoleSource> {
  if (SCENE === null) return liveSource;
  const { sceneSource } = await import('./scenes/scene-source.ts');
  return sceneSource(SCENE);
}

const state = new ConsoleState(await chooseSource());
void state.start();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
    >
      <Boundary>
        <ConsoleStateProvider value={state}>
          <Console />
        </ConsoleStateProvider>
      </Boundary>
    </MantineProvider>
  </StrictMode>,
);
