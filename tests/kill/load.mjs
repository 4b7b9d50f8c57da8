// Keeps asking a portal for pages, and counts what comes back.
//
//   node load.mjs URL COOKIE CONCURRENCY PATH…
//
// Lines on standard input: "phase NAME" counts what is asked from now on under that name; "stop" waits for the answers
// that are still out, writes a line for each phase and ends. While it runs the same lines stand in the file $LOAD_STATE.
//
//   NAME requests=120 ok=118 away=2 other=0 cut=0 broken=0 slowest=35
//
// ok: 200 and a whole page · away: 503 with Retry-After · other: any other answer · cut: an answer without its end ·
// broken: no answer at all. What was other, cut or broken is explained on standard error, once for each kind.
import http from 'node:http';
import fs from 'node:fs';
import readline from 'node:readline';

const [url, cookie, concurrency, ...paths] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(concurrency) });
const phases = new Map();
const explained = new Set();
let current;
let stopping = false;
let asked = 0;

function begin(name) {
    current = { name, requests: 0, ok: 0, away: 0, other: 0, cut: 0, broken: 0, slowest: 0 };
    phases.set(name, current);
}

function explain(what) {
    if (!explained.has(what)) console.error(what);
    explained.add(what);
}

function judge(phase, path, answer, body) {
    const status = answer.statusCode;
    const whole = path.endsWith('.json') ? body.endsWith('}') : body.trimEnd().endsWith('</html>');
    if (status === 200 && whole) return 'ok';
    if (status === 503 && answer.headers['retry-after'] && whole) return 'away';
    explain(`${phase.name}: ${path} answered ${status}, ${body.length} bytes, Retry-After ${answer.headers['retry-after']}: ${body.slice(-80)}`);
    return status === 200 ? 'cut' : 'other';
}

function ask(path) {
    const phase = current;
    const from = performance.now();
    phase.requests++;
    return new Promise((resolve) => {
        const done = (how) => {
            phase[how]++;
            phase.slowest = Math.max(phase.slowest, Math.round(performance.now() - from));
            resolve();
        };
        const request = http.get(new URL(path, url), { agent, headers: { cookie, accept: 'text/html' } }, (answer) => {
            let body = '';
            answer.setEncoding('utf8');
            answer.on('data', (piece) => (body += piece));
            answer.on('end', () => done(answer.complete ? judge(phase, path, answer, body) : 'cut'));
            answer.on('error', () => done('cut'));
        });
        request.on('error', (error) => {
            explain(`${phase.name}: ${path}: ${error.code ?? error.message}`);
            if (!request.res) done('broken');
        });
    });
}

async function keepAsking() {
    while (!stopping) await ask(paths[asked++ % paths.length]);
}

function lines() {
    const line = ({ name, ...counts }) => [name, ...Object.entries(counts).map(([k, v]) => `${k}=${v}`)].join(' ');
    return [...phases.values()].map(line).join('\n') + '\n';
}

function writeState() {
    const file = process.env.LOAD_STATE;
    if (!file) return;
    fs.writeFileSync(`${file}.new`, lines());
    fs.renameSync(`${file}.new`, file);
}

begin('start');
const timer = setInterval(writeState, 20);
readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const [command, name] = line.split(' ');
    if (command === 'phase') begin(name);
    if (command === 'stop') stopping = true;
}).on('close', () => (stopping = true));

await Promise.all(Array.from({ length: Number(concurrency) }, keepAsking));
clearInterval(timer);
writeState();
process.stdout.write(lines());
process.exit(0);
