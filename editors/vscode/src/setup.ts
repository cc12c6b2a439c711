/** Helping to find or to install the Python side; nothing is downloaded before the user has said so twice. */

import { join } from "node:path";
import { type ExtensionContext, window } from "vscode";
import { interpreterIn, search } from "./executable";
import { settings, useInterpreter } from "./settings";

const CHOOSE = "Choose Interpreter…";
const INSTALL = "Install with pip into a Private Environment…";
const TOLD = "foretype.setUpOffered";
const PACKAGE = "foretype[train]";
/** The launcher, which knows every Python that was installed; `python3` there is at first a door to a shop. */
const ON_WINDOWS = ["py", "python", "python3"];

export class Setup {
  constructor(
    private readonly context: ExtensionContext,
    private readonly folder: string,
  ) {}

  /** Offer help the first time that nothing is found; after that the status bar tells. */
  async offerOnce(why: string): Promise<void> {
    if (this.context.globalState.get<boolean>(TOLD) !== true) {
      await this.context.globalState.update(TOLD, true);
      await this.offer(why);
    }
  }

  /** Let the next time that nothing is found be the first. */
  async found(): Promise<void> {
    await this.context.globalState.update(TOLD, undefined);
  }

  async offer(why: string): Promise<void> {
    const answer = await window.showWarningMessage(why, CHOOSE, INSTALL);
    if (answer === CHOOSE) {
      await this.choose();
    } else if (answer === INSTALL) {
      await this.install();
    }
  }

  private async choose(): Promise<void> {
    const title = "Python 3.11 or newer in which Foretype is installed";
    const chosen = await window.showOpenDialog({ title, openLabel: "Use this interpreter" });
    if (chosen?.[0] !== undefined) {
      await useInterpreter(chosen[0].fsPath); // the change restarts the server
    }
  }

  private async install(): Promise<void> {
    const names = process.platform === "win32" ? ON_WINDOWS : ["python3", "python"];
    let python: string | undefined = settings().interpreter;
    for (const name of python === "" ? names : []) {
      python ||= await search(name);
    }
    if (!python) {
      void window.showErrorMessage(`Foretype needs Python 3.11 or newer, and PATH has none of ${names.join(", ")}.`);
      return;
    }
    const environment = join(this.folder, "environment");
    const detail = `In a terminal that you can watch, ${python} makes a virtual environment in ${environment}, and pip downloads ${PACKAGE} from its package index into it. Delete that folder to undo this.`;
    const sure = await window.showInformationMessage("Install Foretype with pip?", { modal: true, detail }, "Install");
    if (sure === "Install") {
      this.runInTerminal(python, environment);
    }
  }

  private runInTerminal(python: string, environment: string): void {
    const script = this.context.asAbsolutePath("environment.py");
    const terminal = window.createTerminal({
      name: "Foretype: install",
      shellPath: python,
      shellArgs: ["-I", script, environment, PACKAGE],
      cwd: this.folder,
    });
    terminal.show();
    const watching = window.onDidCloseTerminal((closed) => {
      if (closed === terminal) {
        watching.dispose();
        void installed(environment, closed.exitStatus?.code === 0);
      }
    });
  }
}

async function installed(environment: string, well: boolean): Promise<void> {
  if (well) {
    await useInterpreter(interpreterIn(environment));
  } else {
    void window.showErrorMessage("Foretype was not installed; the terminal says why.");
  }
}
