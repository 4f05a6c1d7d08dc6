// How long each text is by the networks' own libraries, and where they have none, by their rules written once more with
// the segmentation that Node brings: JSON in, JSON out.
import { RichText } from "@atproto/api";
import twitter from "twitter-text";

const segmenter = new Intl.Segmenter();
const clusters = (text) => [...segmenter.segment(text)].map(({ segment }) => segment);

// docs.joinmastodon.org: a link counts 23, of a mention only what stands before the server's name
function mastodon(text) {
  let short = "";
  let at = 0;
  for (const { indices } of twitter.extractUrlsWithIndices(text, { extractUrlsWithoutProtocol: false })) {
    short += text.slice(at, indices[0]) + "x".repeat(23);
    at = indices[1];
  }
  short += text.slice(at);
  return clusters(short.replace(/(^|[^/\w])@([a-z0-9_]+)@[a-z0-9.-]+[a-z0-9]+/gi, "$1@$2")).length;
}

// Meta's Threads API, "Limits": an emoji counts its bytes in UTF-8
function threads(text) {
  return clusters(text)
    .map((one) => (/\p{RGI_Emoji}|[\p{Extended_Pictographic}--[©®™]]/v.test(one) ? new TextEncoder().encode(one).length : [...one].length))
    .reduce((sum, one) => sum + one, 0);
}

const texts = JSON.parse(await new Response(process.stdin).text());
const counted = texts.map((text) => ({
  x: twitter.parseTweet(text).weightedLength,
  bluesky: new RichText({ text }).graphemeLength,
  mastodon: mastodon(text),
  threads: threads(text),
}));
process.stdout.write(JSON.stringify(counted));
