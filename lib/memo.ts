/** Makes many askers share one answer: what is asked again within `time` milliseconds gets the same. Keeps a question that anybody may ask from becoming a load. */
export function memo<T>(time: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    if (answer) return answer;
    const asked = ask();
    answer = asked;
    const forget = () => void setTimeout(() => (answer = undefined), time).unref();
    asked.then(forget, forget);
    return asked;
  };
}
