// A real SMTP server in a process of its own, told by messages of its parent what to do. What an address is called says
// how it is treated; everything that was taken is told to the parent.
//
//   gone…       550 5.1.1, there is no such mailbox         unwanted…   550 5.7.1
//   later…      451 the first time                           poison…     the connection is dropped after DATA
//   refused…    554 after DATA                               held…       taken, and never answered
import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const { port, cert, key, user, password, implicit } = JSON.parse(process.argv[2]);
const seen = new Map();
let connections = 0;

function refusal(code, text) {
  const error = new Error(text);
  error.responseCode = code;
  return error;
}

function first(address) {
  seen.set(address, (seen.get(address) ?? 0) + 1);
  return seen.get(address) === 1;
}

const server = new SMTPServer({
  ...(cert ? { cert: readFileSync(cert), key: readFileSync(key) } : { disabledCommands: ['STARTTLS'] }),
  secure: implicit ?? false,
  authOptional: !user,
  disableReverseLookup: true,
  closeTimeout: 100,
  logger: false,
  onConnect(session, done) {
    connections += 1;
    session.number = connections;
    process.send({ connections });
    done();
  },
  onAuth(auth, session, done) {
    if (auth.username === user && auth.password === password) return done(null, { user });
    process.send({ refusedLogin: auth.username });
    return done(refusal(535, '5.7.8 Authentication credentials invalid'));
  },
  onRcptTo({ address }, session, done) {
    if (address.startsWith('gone')) return done(refusal(550, `5.1.1 <${address}>: no such mailbox`));
    if (address.startsWith('unwanted')) return done(refusal(550, '5.7.1 We do not want this'));
    if (address.startsWith('later') && first(address)) return done(refusal(451, '4.7.1 Greylisted, come back'));
    return done();
  },
  onData(stream, session, done) {
    const chunks = [];
    const [to] = session.envelope.rcptTo.map(({ address }) => address);
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      if (to.startsWith('poison')) {
        session.dropped = true;
        process.send({ poison: to });
        server.connections.forEach((connection) => connection.session === session && connection._socket.destroy());
        return;
      }
      if (to.startsWith('refused')) return done(refusal(554, '5.6.0 This message is not for us'));
      process.send({
        mail: {
          to, from: session.envelope.mailFrom.address, raw: Buffer.concat(chunks).toString('latin1'),
          secure: session.secure, user: session.user ?? null, connection: session.number, at: Date.now(),
        },
      });
      if (!to.startsWith('held')) done();
    });
  },
});
server.on('error', (error) => process.send({ error: error.message }));
server.listen(port, '127.0.0.1', () => process.send({ ready: server.server.address().port }));
process.on('disconnect', () => process.exit(0));
