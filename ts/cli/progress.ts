import { SingleBar } from 'cli-progress';
import { say } from './io';
import type { Output } from './io';

/** Shows how far the work is: bars where someone watches, else a line at the beginning of each stage. */
export class Progress {
  private bar: SingleBar | undefined;
  private stage: string | undefined;

  constructor(private readonly output: Output) {}

  /** Reports that `done` of `total` parts of a stage are done, or so many of a number that is not known. */
  update(stage: string, done: number, total?: number): void {
    if (stage !== this.stage) this.begin(stage, total);
    if (total !== undefined) this.bar?.setTotal(total);
    this.bar?.update(done);
  }

  /** Writes a line without breaking the bar. */
  message(line: string): void {
    this.end();
    say(this.output, line);
  }

  /** Takes the bar away. */
  end(): void {
    this.bar?.stop();
    this.bar = undefined;
    this.stage = undefined;
  }

  private begin(stage: string, total: number | undefined): void {
    this.end();
    this.stage = stage;
    if (!this.output.isTTY) return say(this.output, `${stage} …`);
    this.bar = new SingleBar({
      stream: this.output,
      format: `{stage} ${total === undefined ? '{value}' : '{bar} {percentage} %'}  {duration_formatted}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 30,
      clearOnComplete: true,
      gracefulExit: false,
      hideCursor: false,
    });
    this.bar.start(total ?? 0, 0, { stage: stage.padEnd(16) });
  }
}
