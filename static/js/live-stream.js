// What has changed on the server, as it says by itself (GET /events, server-sent events). Only pages that can be seen
// listen. Of several in one browser one holds the stream (a lock says which) and passes on what it hears.
//
// nginx tells a new stream all that was said in the last minute, so a page that was away for less has missed nothing. One
// that was away longer has to look for itself: missed(). Things are told more than once; they carry their time.
const KEPT_MS = 45_000; // less than nchan_message_timeout in nginx/tessera.conf.in
const SILENT_MS = 65_000; // two pings and a bit: the connection is dead, whatever the browser thinks
const RETRY_MS = 5_000; // all pages lose their streams at once when nginx restarts, and don't come back at once
const RETRY_MAX_MS = 60_000;

/** name: of the user, so that pages of another one in the same browser stay apart. */
export function listen(name, { changed, missed, refused }) {
  const others = 'BroadcastChannel' in window ? new BroadcastChannel(name) : null;
  const shared = Boolean(others && navigator.locks);
  let seen = performance.timeOrigin; // what was said until then is known
  let alive = Date.now(); // when whoever holds the stream was heard last
  let recent = []; // what was heard, for pages that come later
  let source = null;
  let failures = 0;
  let timer = 0;
  let turn = null; // this page's at the stream: {end, waiting, held}

  function hear({ opened, event, trying }) {
    alive = Date.now();
    if (trying) return;
    if (opened && Date.now() - seen > KEPT_MS) missed();
    seen = Date.now();
    if (event) changed(event);
  }

  function tell(message) {
    hear(message);
    others?.postMessage(message);
  }

  // ---- the stream ----

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function connect() {
    close();
    source = new EventSource('/events');
    source.addEventListener('open', () => {
      failures = 0;
      tell({ opened: true });
    });
    source.addEventListener('ping', () => tell({}));
    source.addEventListener('message', ({ data }) => {
      const event = JSON.parse(data);
      recent = recent.filter((old) => old.at > Date.now() - KEPT_MS);
      recent.push(event);
      tell({ event });
    });
    source.addEventListener('error', failed);
  }

  /** The browser says no more than that; whether the session has ended has to be asked. */
  async function sessionEnded() {
    const options = { method: 'HEAD', headers: { Accept: 'text/event-stream' }, signal: AbortSignal.timeout(10_000) };
    const answer = await fetch('/events', options).catch(() => null);
    return answer?.status === 401;
  }

  async function failed() {
    const mine = turn;
    const answered = source.readyState === EventSource.CLOSED; // with something else than a stream
    close();
    if (answered && await sessionEnded()) {
      stop();
      refused();
    }
    if (turn !== mine || !turn) return;
    const longest = Math.min(RETRY_MS * 2 ** failures, RETRY_MAX_MS);
    failures += 1;
    timer = setTimeout(connect, 200 + Math.random() * longest);
    tell({ trying: true });
  }

  // ---- whose turn it is ----

  function start({ steal = false } = {}) {
    if (turn) return;
    const mine = { waiting: new AbortController(), held: false, end() {} };
    turn = mine;
    const hold = () => new Promise((resolve) => {
      mine.held = true;
      mine.end = resolve;
      if (turn === mine) connect();
      else resolve();
    });
    if (!shared) {
      hold();
      return;
    }
    const lost = () => { // the turn was given up, or taken away: a page that sleeps can't hold a stream
      if (turn !== mine) return;
      turn = null;
      close();
      if (!document.hidden) start();
    };
    navigator.locks.request(name, steal ? { steal } : { signal: mine.waiting.signal }, hold).catch(lost);
    others.postMessage({ hello: true });
  }

  function stop() {
    const mine = turn;
    turn = null;
    mine?.waiting.abort();
    mine?.end();
    close();
  }

  function watch() {
    if (document.hidden || !turn) return;
    if (turn.held && source && Date.now() - seen > SILENT_MS) connect();
    if (turn.held || Date.now() - alive < SILENT_MS) return;
    stop();
    start({ steal: true });
  }

  others?.addEventListener('message', ({ data }) => {
    if (!data.hello) hear(data);
    else if (turn?.held) for (const event of recent) others.postMessage({ event });
  });
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : start()));
  addEventListener('pagehide', stop);
  addEventListener('pageshow', ({ persisted }) => persisted && !document.hidden && start());
  addEventListener('online', () => turn?.held && !source && connect());
  setInterval(watch, 15_000);
  if (!document.hidden) start();
}
