// JSON of our own, fetched once a page.

const answers = new Map();

export function fetchedJson(url) {
  if (!answers.has(url)) {
    const answer = fetchJson(url);
    answers.set(url, answer);
    answer.catch(() => answers.delete(url)); // it may be there the next time
  }
  return answers.get(url);
}

async function fetchJson(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}
