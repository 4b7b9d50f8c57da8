// Pages that are open and follow one lead, in many: the portal's own static/js/live-stream.js in each, and around it what
// static/js/live.js does with a page, without the page.
//
//   node live.mjs URL PATH COOKIES PAGES        COOKIES: a file, a line each; PAGES: for each of them
//
// A page shows what stands behind "mark " on PATH. While this runs, a line in the file $LIVE_STATE says what they show and
// what they have done: "open=30 asked=120 events=77 missed=2 refused=0 shows 17:28 16:2". Ends at the end of standard input.
import fs from 'node:fs';
import http from 'node:http';
import vm from 'node:vm';

const [url, path, cookies, count] = process.argv.slice(2);
const source = fs.readFileSync(new URL('../../static/js/live-stream.js', import.meta.url), 'utf8').replace('export function', 'function');
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const total = { asked: 0, events: 0, missed: 0, refused: 0 };
const pages = [];

function request(cookie, where, { method = 'GET', headers = {}, streams = false }, answered) {
  const asked = http.request(new URL(where, url), { agent: streams ? undefined : agent, method, headers: { cookie, accept: 'text/html', ...headers } }, answered);
  asked.on('error', () => answered(null));
  asked.end();
  return asked;
}

/** As much of a browser's EventSource as is used. */
function eventSource(cookie) {
  return class EventSource {
    static CLOSED = 2;

    constructor(where) {
      this.readyState = 0;
      this.heard = {};
      this.request = request(cookie, where, { headers: { accept: 'text/event-stream' }, streams: true }, (answer) => this.begin(answer));
    }

    addEventListener(type, listener) {
      this.heard[type] = listener;
    }

    close() {
      this.readyState = 2;
      this.heard = {};
      this.request.destroy();
    }

    begin(answer) {
      const lost = () => {
        if (this.readyState === 2) return;
        this.readyState = answer && answer.statusCode !== 200 ? 2 : 0;
        this.heard.error?.({});
      };
      if (answer?.statusCode !== 200) {
        answer?.resume();
        lost();
        return;
      }
      this.readyState = 1;
      this.heard.open?.({});
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => {
        const blocks = (text + piece).split('\n\n');
        text = blocks.pop();
        for (const block of blocks) this.tell(block);
      });
      answer.on('close', lost);
    }

    tell(block) {
      const fields = Object.fromEntries(block.split('\n').map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 1).trim()]));
      if (fields.data) this.heard[fields.event ?? 'message']?.({ data: fields.data });
    }
  };
}

class Page {
  constructor(cookie) {
    this.cookie = cookie;
    this.shows = '-';
    this.at = 0;
    this.look();
  }

  look() {
    this.wanted = false;
    this.looking = true;
    total.asked += 1;
    request(this.cookie, path, { headers: { 'x-live': 'true' } }, (answer) => {
      let text = '';
      answer?.setEncoding('utf8');
      answer?.on('data', (piece) => { text += piece; });
      const done = () => {
        this.looking = false;
        const read = answer?.statusCode === 200 && answer.complete && text.match(/data-live-at="(\d+)"/);
        if (read) {
          this.shows = text.match(/mark (\d+)/)?.[1] ?? '-';
          this.at = Number(read[1]);
          this.listen();
        } else {
          this.want(2_000);
        }
        if (this.wanted) this.want(0);
      };
      if (answer) answer.on('close', done);
      else done();
    });
  }

  want(within) {
    this.wanted = true;
    if (this.looking || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.look();
    }, 100 + Math.random() * within);
  }

  listen() {
    if (this.context) return;
    const nothing = () => {};
    this.context = vm.createContext({
      EventSource: eventSource(this.cookie), AbortController, AbortSignal, Date, Math, JSON, Promise, Boolean, setTimeout, clearTimeout, setInterval,
      performance: { timeOrigin: Date.now() }, navigator: {}, document: { hidden: false, addEventListener: nothing }, addEventListener: nothing,
      fetch: (where, options) => new Promise((resolve) => {
        request(this.cookie, where, options, (answer) => resolve(answer && { status: answer.statusCode, ...answer.resume() && {} }));
      }),
      window: {},
    });
    const listen = vm.runInContext(`${source}\nlisten`, this.context);
    listen('live', {
      changed: ({ at, within }) => {
        total.events += 1;
        if (at >= this.at) this.want(within);
      },
      missed: () => {
        total.missed += 1;
        this.want(1_000);
      },
      refused: () => { total.refused += 1; },
    });
    this.open = true;
  }
}

function state() {
  const shown = new Map();
  for (const page of pages) shown.set(page.shows, (shown.get(page.shows) ?? 0) + 1);
  const shows = [...shown].sort((a, b) => b[1] - a[1]).map(([mark, n]) => `${mark}:${n}`).join(' ');
  fs.writeFileSync(process.env.LIVE_STATE, `open=${pages.filter((page) => page.open).length} asked=${total.asked} events=${total.events} ` +
    `missed=${total.missed} refused=${total.refused} shows ${shows}\n`);
}

for (const cookie of fs.readFileSync(cookies, 'utf8').split('\n').filter(Boolean)) {
  for (let i = 0; i < Number(count); i += 1) pages.push(new Page(cookie));
}
setInterval(state, 100);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
