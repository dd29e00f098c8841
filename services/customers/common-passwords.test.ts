import { expect, test } from "@jest/globals";
import { isCommon } from "./common-passwords.ts";

const owner = { email: "ada.lovelace@example.org", shopName: "Brick Work" };
const verdicts = (passwords: string[]) => Object.fromEntries(passwords.map((one) => [one, isCommon(one, owner)]));
const all = (passwords: string[], verdict: boolean) => Object.fromEntries(passwords.map((one) => [one, verdict]));

test("what stands in every list of leaks is common, however it is dressed", () => {
  const passwords = [
    "password", "Password1", "P@ssw0rd!", "passw0rd123", "password12345678", "12345678", "123456789", "1234567890", "87654321",
    "qwertyui", "qwerty123", "QWERTZ1234", "asdfghjkl", "1qaz2wsx", "1q2w3e4r", "zaq12wsx", "abcd1234", "abc12345", "11111111",
    "00000000", "aaaaaaaa", "12341234", "abababab", "passpass", "iloveyou", "iloveyou!", "sunshine", "princess1", "football",
    "baseball", "superman", "Welcome1", "welcome2024", "letmein1", "dragon123", "monkey12", "michael1", "jennifer", "trustno1",
    "starwars", "1234qwer", "qwer1234", "asdf1234", "123qweasd", "Summer2025!", "admin123", "changeme", "666666666", "88888888",
    "01012000", "19901990", "987654321", "computer", "internet", "whatever", "blink182", "123123123", "112233445566", "a1b2c3d4",
    "$unsh1ne", "m0nk3y99", "asdfasdf", "q1w2e3r4", "!@#$%^&*", "147258369", "lovelove",
  ]; // prettier-ignore
  expect(verdicts(passwords)).toEqual(all(passwords, true));
});

test("one's own email and the name of the shop are common", () => {
  const passwords = ["ada.lovelace@example.org", "ada.lovelace", "Lovelace1", "lovelace2024", "brickwork", "Brickwork1!"];
  expect(verdicts(passwords)).toEqual(all(passwords, true));
});

test("there are no rules for what a password is made of: long, odd and foreign ones all pass", () => {
  const passwords = [
    "correct horse battery staple", "tangled marmot", "vq7fjw2m", "kx93hbtz", "dragonfly over the moor", "비밀번호는길어야한다", "Übermorgenland",
    "my password is long enough", "zwetschgenkuchen", "lowercase only please", "8f14e45fceea167a", "sunshine over seven hills",
    "wir fahren nach Ulm", "mein hund heißt Rex",
  ]; // prettier-ignore
  expect(verdicts(passwords)).toEqual(all(passwords, false));
});

test("a long password is judged quickly", () => {
  const begin = performance.now();
  for (const text of [
    "a1".repeat(128),
    "x9!".repeat(85),
    `${"1".repeat(255)}x`,
    `7${"qwertyuiop".repeat(25)}`,
    "1!".repeat(20),
  ]) {
    isCommon(text, owner);
  }
  expect(performance.now() - begin).toBeLessThan(2_000);
});
