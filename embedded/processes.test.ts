import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdDataDir } from './data-dir.ts';
import { logFile } from './logs.ts';
import { isFree, rememberedPorts } from './ports.ts';
import { isRunning, recordedProcess, recordProcess } from './process-table.ts';
import { checkout, startNode } from './processes.ts';
import { supervise, type Life, type Supervised } from './supervise.ts';
import { until } from './waiting.ts';

let folder: string;
const reports: string[] = [];
const supervised: Supervised[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'motcua-test-'));
  reports.length = 0;
});

afterEach(async () => {
  for (const one of supervised.splice(0)) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A program of the product's kind: says that it is ready and ends when it is asked to. */
const obedient = `
  import { onStop, ready } from '${checkout}lifecycle.ts';
  console.log('listening, I am', process.env.NAME);
  const life = setInterval(() => undefined, 1000);
  onStop(() => { clearInterval(life); console.log('goodbye'); });
  ready();`;

function start(name: string, program: string): Promise<Life> {
  const file = join(folder, `${name}.mts`);
  writeFileSync(file, program);
  return startNode({ name, file, environment: { ...process.env, NAME: name }, dataDir: folder });
}

async function keepAlive(name: string, program: string): Promise<Supervised> {
  const one = await supervise(
    name,
    () => start(name, program),
    (line) => reports.push(line),
  );
  supervised.push(one);
  return one;
}

const logOf = (name: string) => readFileSync(logFile(folder, name), 'utf8');

describe('a program of the product', { timeout: 30_000 }, () => {
  it('that fails before it is ready is told of in one line with its own words and its log', async () => {
    const broken = start('worker', `throw new Error('MASTER_KEY is not set');`);
    await expect(broken).rejects.toThrow(
      `worker stopped before it was ready: Error: MASTER_KEY is not set; its log is ${logFile(folder, 'worker')}`,
    );
  });

  it('is started again whenever it is killed, and ends in order when it is asked to', async () => {
    const api = await keepAlive('api', obedient);
    for (const times of [1, 2]) {
      process.kill(api.life().pid, 'SIGKILL');
      expect(await until(() => api.restarts() === times && isRunning(api.life().pid), 15_000)).toBe(true);
    }
    expect(reports).toEqual(['api died and is started again', 'api died and is started again']);
    await until(() => logOf('api').split('listening').length === 4, 10_000);
    const { pid } = api.life();
    await api.stop();
    expect(isRunning(pid)).toBe(false);
    expect(logOf('api')).toMatch(/goodbye\n$/);
  });

  it('that an earlier supervisor left behind is ended before it is started', async () => {
    const orphan = await start('city', obedient);
    const next = await keepAlive('city', obedient);
    expect(isRunning(orphan.pid)).toBe(false);
    expect(isRunning(next.life().pid)).toBe(true);
  });
});

describe('a folder of data', () => {
  it('is used by one supervisor at a time', () => {
    const hold = holdDataDir(folder);
    expect(() => holdDataDir(folder)).toThrow(
      `Motcua already runs on ${folder} (process ${process.pid}); stop it first, or set DATA_DIR and the ports for a second copy`,
    );
    hold.release(true);
    holdDataDir(folder).release(true);
  });

  it('that a killed supervisor held is taken over, and known as not stopped cleanly until it has been', () => {
    holdDataDir(folder);
    // The same number, but a process that was born at another time: after a reboot numbers come again.
    writeFileSync(
      join(folder, 'lock.json'),
      JSON.stringify({ pid: process.pid, birth: 'before the reboot' }),
    );

    const second = holdDataDir(folder);
    expect(second.unclean).toBe(true);
    second.release(false); // it failed to start: whoever comes next must still know
    const third = holdDataDir(folder);
    expect(third.unclean).toBe(true);
    third.release(true);
    const fourth = holdDataDir(folder);
    expect(fourth.unclean).toBe(false);
    fourth.release(true);
  });

  it('remembers the ports of its servers and takes another when one is taken meanwhile', async () => {
    const first = await rememberedPorts(folder, ['identity', 'treasury']);
    expect(await rememberedPorts(folder, ['identity', 'treasury'])).toEqual(first);
    expect(first.identity).not.toBe(first.treasury);

    const stranger = createServer().listen(first.treasury, '127.0.0.1');
    await until(async () => !(await isFree(first.treasury)), 5_000);
    const second = await rememberedPorts(folder, ['identity', 'treasury']);
    expect(second.identity).toBe(first.identity);
    expect(second.treasury).not.toBe(first.treasury);
    stranger.close();
  });

  it('leaves the ports alone on which the rest of its installation will listen', async () => {
    const first = await rememberedPorts(folder, ['identity', 'treasury']);
    const second = await rememberedPorts(folder, ['identity', 'treasury'], [first.identity]);
    expect(second.identity).not.toBe(first.identity);
    expect(second.treasury).toBe(first.treasury);
  });

  it('never takes a stranger for a process that it wrote down', () => {
    const file = join(folder, 'pids', 'temporal.json');
    recordProcess(file, process.pid);
    expect(recordedProcess(file)).toBe(process.pid);
    writeFileSync(file, JSON.stringify({ pid: process.ppid, birth: 'another time' }));
    expect(recordedProcess(file)).toBeUndefined();
    writeFileSync(file, '{"pid":');
    expect(recordedProcess(file)).toBeUndefined();
  });
});
