// The sound of something that was refused. Invariant: a computer without sound loses nothing but the sound.

let context: AudioContext | null = null;

/** Two low tones, unlike the one high tone by which scanners say that they read a code. */
export function beep(): void {
  try {
    context ??= new AudioContext();
    void context.resume();
    for (const start of [0, 0.16]) {
      const tone = new OscillatorNode(context, { type: "square", frequency: 330 });
      tone.connect(new GainNode(context, { gain: 0.08 })).connect(context.destination);
      tone.start(context.currentTime + start);
      tone.stop(context.currentTime + start + 0.1);
    }
  } catch {
    context = null;
  }
}
