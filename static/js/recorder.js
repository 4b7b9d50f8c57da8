// A voice memo: recorded here, put into the form's own file field and sent with it. Without a microphone, or without scripts,
// that field takes a recording made elsewhere.
const LONGEST = 10 * 60; // seconds
const KINDS = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];
const ENDINGS = { 'audio/webm': 'webm', 'audio/mp4': 'm4a', 'audio/ogg': 'ogg' };

function supported() {
  return Boolean(navigator.mediaDevices?.getUserMedia) && 'MediaRecorder' in window && 'DataTransfer' in window;
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

class VoiceMemo {
  constructor(field) {
    this.field = field;
    this.input = field.querySelector('input[type="file"]');
    this.button = field.querySelector('[data-record]');
    this.words = this.button.querySelector('span');
    this.time = field.querySelector('[data-time]');
    this.heard = field.querySelector('[data-heard]');
    this.discard = field.querySelector('[data-discard]');
    this.note = field.querySelector('[data-voice-note]');
    this.button.hidden = false;
    this.button.addEventListener('click', () => (this.recorder ? this.stop() : this.start()));
    this.discard.addEventListener('click', () => this.clear());
  }

  say(what) {
    this.note.textContent = what ? this.note.dataset[what] : '';
  }

  async start() {
    this.say();
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      this.say(error.name === 'NotAllowedError' ? 'refused' : 'missing');
      return;
    }
    this.clear();
    const type = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    const pieces = [];
    this.recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 48000 });
    this.recorder.addEventListener('dataavailable', (event) => pieces.push(event.data));
    this.recorder.addEventListener('stop', () => {
      for (const track of stream.getTracks()) track.stop();
      this.keep(new Blob(pieces, { type: this.recorder.mimeType }));
    });
    this.recorder.start();
    this.show(true);
    this.seconds = 0;
    this.ticks = setInterval(() => this.tick(), 1000);
  }

  tick() {
    this.seconds += 1;
    this.time.textContent = clock(this.seconds);
    if (this.seconds < LONGEST) return;
    this.say('full');
    this.stop();
  }

  stop() {
    clearInterval(this.ticks);
    this.recorder.stop();
  }

  show(running) {
    this.words.textContent = running ? this.words.dataset.stop : this.words.dataset.start;
    this.button.setAttribute('aria-pressed', String(running));
    this.time.textContent = clock(0);
    this.time.hidden = !running;
  }

  /** The form's file field holds it: a plain form takes it from there. */
  keep(blob) {
    const kind = blob.type.split(';')[0];
    const file = new File([blob], `voice-memo.${ENDINGS[kind] ?? 'webm'}`, { type: kind });
    const files = new DataTransfer();
    files.items.add(file);
    this.input.files = files.files;
    this.input.dispatchEvent(new Event('change', { bubbles: true }));
    this.input.form.dataset.changed = 'true';
    this.url = URL.createObjectURL(blob);
    this.heard.src = this.url;
    this.heard.hidden = false;
    this.discard.hidden = false;
    this.recorder = null;
    this.show(false);
  }

  clear() {
    this.input.value = '';
    this.heard.hidden = true;
    this.heard.removeAttribute('src');
    this.discard.hidden = true;
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
  }
}

export function enableRecorder() {
  if (!supported()) return;
  for (const field of document.querySelectorAll('[data-voice]')) new VoiceMemo(field);
}
