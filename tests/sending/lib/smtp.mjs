// The SMTP server of smtp-child.mjs as tests use it.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { simpleParser } from 'mailparser';
import { until } from './wait.mjs';

/** options: {port, cert, key, user, password, implicit}. Resolves once it listens. */
export async function startSmtp(options = {}) {
  const child = fork(fileURLToPath(new URL('smtp-child.mjs', import.meta.url)), [JSON.stringify({ port: 0, ...options })]);
  const state = { mails: [], connections: 0, refusedLogins: [], poisoned: [], port: 0, problem: '' };
  child.on('message', (message) => {
    if (message.mail) state.mails.push(message.mail);
    if (message.connections) state.connections = message.connections;
    if (message.refusedLogin) state.refusedLogins.push(message.refusedLogin);
    if (message.poison) state.poisoned.push(message.poison);
    if (message.ready) state.port = message.ready;
    if (message.error) state.problem = message.error;
  });
  await until('the SMTP server listens', () => state.port);
  return {
    state,
    port: state.port,
    url: `${options.implicit ? 'smtps' : 'smtp'}://localhost:${state.port}`,
    to: (address) => state.mails.filter((mail) => mail.to === address),
    /** The one mail to an address, as an independent parser reads it; waits for it. */
    async mail(address) {
      await until(`a mail to ${address}`, () => state.mails.some((mail) => mail.to === address));
      const [mail] = state.mails.filter(({ to }) => to === address);
      return { ...mail, parsed: await simpleParser(Buffer.from(mail.raw, 'latin1')) };
    },
    async stop() {
      const ended = new Promise((resolve) => { child.once('exit', resolve); });
      child.kill('SIGKILL');
      await ended;
    },
  };
}
