import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  basicAuthorization,
  chooseChallenge,
  type DigestChallenge,
  digestAuthorization,
  parseChallenges,
} from "../../../src/adapters/rtsp/digest.ts";

/** RFC 7616 §3.9.1. */
const RFC_7616 = ["SHA-256", "MD5"].map(
  (algorithm) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
);
const rfc7616 = { method: "GET", uri: "/dir/index.html", cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", count: 1 };

describe("digestAuthorization", () => {
  it("answers the examples of RFC 7616 §3.9.1", () => {
    const [sha256, md5] = parseChallenges(RFC_7616).map((challenge) => answer(challenge, "Circle of Life", rfc7616));
    expect(sha256).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
    expect(md5).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
    expect(md5).toBe(
      'Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", ' +
        'response="8ca523f5e9506fed4657c9700eebdbec", algorithm=MD5, qop=auth, nc=00000001, ' +
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    );
  });

  it("answers the example of RFC 2617 §3.5", () => {
    const header =
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
    const [challenge] = parseChallenges([header]);
    const given = answer(challenge, "Circle Of Life", { method: "GET", uri: "/dir/index.html", cnonce: "0a4f113b", count: 1 });
    expect(given).toContain('response="6629fae49393a05397450978507c4ef1"');
    expect(given).not.toContain("algorithm");
  });

  it("answers the example of RFC 2069 §2.4 as its erratum 749 corrects it: no qop", () => {
    const [challenge] = parseChallenges(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"']);
    const given = answer(challenge, "CircleOfLife", { method: "GET", uri: "/dir/index.html", cnonce: "unused", count: 1 });
    expect(given).toBe(
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", ' +
        'response="1949323746fe6a43ef61f9606e7febea"',
    );
  });

  it("binds the session variant to both nonces, and escapes quotes", () => {
    const [challenge] = parseChallenges([String.raw`Digest realm="a \"b\"", nonce="n", algorithm=MD5-sess`]);
    const given = answer(challenge, "canary-x", { method: "DESCRIBE", uri: "rtsp://192.0.2.1/", cnonce: "c", count: 1 });
    expect(given).toContain(String.raw`realm="a \"b\""`);
    expect(given).toContain('algorithm=MD5-sess, cnonce="c"');
  });
});

describe("parseChallenges", () => {
  it("reads several challenges from one header and from several", () => {
    const together = parseChallenges([
      'Basic realm="a, b", Digest realm="c", nonce="d", Bearer, Digest realm="e",nonce=f,algorithm=SHA-256',
    ]);
    expect(together).toMatchObject([
      { scheme: "basic", realm: "a, b" },
      { scheme: "digest", realm: "c", nonce: "d", algorithm: "MD5", qop: "none" },
      { scheme: "digest", realm: "e", nonce: "f", algorithm: "SHA-256" },
    ]);
    expect(parseChallenges(['digest REALM="c", nonce="d"', "BASIC"])).toMatchObject([{ scheme: "digest" }, { scheme: "basic" }]);
  });

  it("leaves out what cannot be answered", () => {
    expect(
      parseChallenges([
        'Digest realm="a"',
        'Digest realm="a", nonce="b", algorithm=SHA-512',
        'Digest nonce="b", qop="auth-int"',
        "",
        "=,=,",
      ]),
    ).toEqual([]);
  });

  it("never throws and stays bounded", () => {
    const piece = fc.constantFrom("Digest ", "Basic ", 'realm="', '"', ", ", "nonce=x", "\\", "=", "qop=auth");
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.array(piece).map((pieces) => pieces.join("")),
          ),
          { maxLength: 40 },
        ),
        (values) => {
          expect(parseChallenges(values).length).toBeLessThanOrEqual(16);
        },
      ),
      { numRuns: 2000 },
    );
    expect(parseChallenges(["Basic, ".repeat(100_000)]).length).toBeLessThanOrEqual(16);
  });
});

describe("chooseChallenge", () => {
  const [sha256, md5] = parseChallenges(RFC_7616);
  const [basic] = parseChallenges(['Basic realm="a"']);

  it("takes Digest before Basic in any order, and the stronger hash", () => {
    if (sha256 === undefined || md5 === undefined || basic === undefined) throw new Error("not parsed");
    expect(chooseChallenge([basic, md5], true)).toBe(md5);
    expect(chooseChallenge([md5, basic, sha256], true)).toBe(sha256);
  });

  it("answers Basic only where allowed", () => {
    if (basic === undefined) throw new Error("not parsed");
    expect(chooseChallenge([basic], false)).toBe("basic-only");
    expect(chooseChallenge([basic], true)).toBe(basic);
    expect(chooseChallenge([], true)).toBeUndefined();
  });
});

it("writes Basic as RFC 7617 §2 shows it", () => {
  expect(basicAuthorization({ username: "Aladdin", password: "open sesame" })).toBe("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
});

function answer(challenge: unknown, password: string, use: Parameters<typeof digestAuthorization>[2]): string {
  return digestAuthorization(challenge as DigestChallenge, { username: "Mufasa", password }, use);
}
