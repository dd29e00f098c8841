/**
 * A fault that the person at the keyboard can mend: a taken port, a folder that cannot be written, a wrong setting.
 * Its message is one line that says what is wrong and how to mend it; the command line prints it without a stack and exits 1.
 */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}
