import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { allCommands, commandModel } from "../../src/completion/model.ts";
import { scripts } from "../../src/completion/scripts.ts";
import { createProgram } from "../../src/program.ts";
import { inRepository, perch } from "../commands/support.ts";

const program = await createProgram();
const model = commandModel(program);
const isInstalled = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

/** What bash offers for the last of these words, after it has read the script. `perch` is a function that names two services. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${scripts.bash(model)}
perch() { if [[ "$*" == "completion --services" ]]; then printf 'api\\nstore\\n'; fi; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _perch
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)("bash", ["-u", "-c", script, "bash", "perch", ...words], {
    cwd: import.meta.dirname,
  });
  return stdout.split("\n").filter((line) => line !== "");
}

describe("completion in bash", () => {
  it("offers the commands, those below a command, and what begins like the word", async () => {
    assert.deepEqual(await offered("st"), ["status"]);
    assert.deepEqual(await offered("ci", "re"), ["refresh", "revoke", "retag"]);
    const all = await offered("");
    assert.deepEqual(
      all,
      program
        .createHelp()
        .visibleCommands(program)
        .map((one) => one.name())
        .filter((name) => name !== "help"),
    );
  });

  it("offers every option of every command", async () => {
    for (const { words, options } of allCommands(model)) {
      assert.deepEqual(
        await offered(...words.slice(1), "-"),
        options.flatMap(({ flags }) => flags),
      );
    }
  });

  it("offers the choices of an option, in both spellings, and files where it takes one", async () => {
    assert.deepEqual(await offered("up", "--source", ""), ["git", "github"]);
    assert.deepEqual(await offered("up", "--source", "=", "gith"), ["github"]);
    assert.deepEqual(await offered("up", "--source", "="), ["git", "github"]);
    assert.deepEqual(await offered("up", "-c", "completion.t"), ["completion.test.ts"]);
    assert.deepEqual(await offered("up", "--edge-port", ""), []);
    assert.deepEqual(await offered("completion", "z"), ["zsh"]);
  });

  it("offers the services of perch.yaml where a service is wanted, also after options", async () => {
    assert.deepEqual(await offered("logs", ""), ["api", "store"]);
    assert.deepEqual(await offered("logs", "--pr", "7", "s"), ["store"]);
  });

  it("offers nothing after a word that is no command", async () => {
    assert.deepEqual(await offered("status", "nonsense", ""), []);
  });
});

describe("completion in zsh and fish", () => {
  for (const shell of ["zsh", "fish"] as const) {
    const script = scripts[shell](model);

    it(`names every command and every option in ${shell}`, () => {
      for (const { words, options } of allCommands(model)) {
        assert.ok(script.includes(words.join(" ")));
        for (const { flags } of options) {
          const written = (flag: string) =>
            shell === "zsh" ? `'${flag}:` : flag.replace(/^--/, "-l ").replace(/^-(?=\w$)/, "-s ");
          for (const flag of flags) assert.ok(script.includes(written(flag)), flag);
        }
      }
    });

    it(`is a script that ${isInstalled(shell) ? `${shell} itself can read` : `has each quote closed, since no ${shell} is here to read it`}`, () => {
      if (isInstalled(shell)) {
        const { status, stderr } = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" });
        assert.deepEqual([status, stderr], [0, ""]);
      } else
        for (const line of script.split("\n")) assert.doesNotMatch(outsideOfQuotes(line, shell), /'/, line);
    });
  }

  it("quotes what descriptions hold, each shell in its own way", () => {
    const hostile = { flags: ["--x"], description: "it's a \\ : $(rm) `x`", value: undefined };
    const odd = { ...model, options: [hostile], commands: [] };
    assert.match(scripts.zsh(odd), /entries=\('--x:it'\\''s a \\ \\: \$\(rm\) `x`'\)/);
    assert.match(scripts.fish(odd), /-d 'it\\'s a \\\\ : \$\(rm\) `x`'$/m);
  });
});

/** What is left of a line without its quoted parts and its comment. */
function outsideOfQuotes(line: string, shell: "zsh" | "fish"): string {
  const single = shell === "fish" ? /'(?:[^'\\]|\\.)*'/g : /'[^']*'|\\'/g;
  return line.replace(/^\s*#.*/, "").replace(single, "");
}

describe("perch completion", () => {
  it("prints the script of the program as it is", async () => {
    await inRepository(async (folder) => {
      for (const shell of ["bash", "zsh", "fish"] as const) {
        const { code, stdout } = await perch(folder, "completion", shell);
        assert.deepEqual([code, stdout], [0, scripts[shell](model)]);
      }
    });
  });

  it("names the services of the nearest perch.yaml, and is silent where there is none", async () => {
    await inRepository(async (folder) => {
      assert.equal((await perch(folder, "completion", "--services")).stdout, "api\nstore\n");
    });
    await inRepository(async (folder) => {
      const { code, stdout, stderr } = await perch(folder, "completion", "--services");
      assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    }, {});
  });

  it("ends with 2 without a shell, and for one that it does not know", async () => {
    await inRepository(async (folder) => {
      assert.equal((await perch(folder, "completion")).code, 2);
      const unknown = await perch(folder, "completion", "tcsh");
      assert.deepEqual([unknown.code, /bash, zsh, fish/.test(unknown.stderr)], [2, true]);
    });
  });
});
