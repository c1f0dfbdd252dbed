// English, and the shape that every other language must fill: `Words` is this object's type.

import type { CheckName } from "../generated/CheckName";
import type { Limitation } from "../generated/Limitation";
import type { Role } from "../generated/Role";
import { board } from "./board/en";
import { catalogue } from "./catalogue/en";
import { closing } from "./closing/en";
import { faults } from "./faults/en";
import { movements } from "./movements/en";
import { paper } from "./paper/en";
import report from "./report/en.json";
import { selling } from "./selling/en";
import { update } from "./update/en";
import { pluralIn } from "./plural";

const plural = pluralIn("en");

/** What a project lacks that a till can work without, and what to do about any of it. */
const limitations: Record<Limitation, { title: string; meaning: string }> & { action: string } = {
  "current-part": {
    title: "Earlier database part",
    meaning:
      "Shifts can be started and joined. But this project does not tell which of the two happened, does not know a repeated press by its key, and has no entries, counts, reports or board.",
  },
  guard: {
    title: "Anybody may open shifts",
    meaning: "Whoever has the publishable key can call get_or_create_session, without signing in.",
  },
  action: "For the installer: apply the migrations in the folder `supabase/migrations` (`onetillctl deploy` does it).",
};

const checks: Record<CheckName, { title: string; passed: string }> = {
  settings: { title: "Address and key are well formed", passed: "Both look right." },
  reach: { title: "The project answers", passed: "Supabase answers at this address." },
  key: { title: "The key is accepted", passed: "The project knows this key." },
  function: { title: "The session function is deployed", passed: "Shifts can be started." },
};

const roles: Record<Role, string> = { cashier: "Cashier", manager: "Manager", owner: "Owner" };

export const en = {
  /** The language's own name, for the switch. */
  faults,
  checks,
  limitations,
  roles,
  general: {
    appName: "Onetill",
    starting: "Starting Onetill…",
    working: "One moment…",
    cancel: "Cancel",
    close: "Close",
    details: "Details for support",
    errorCode: (p: { code: string }) => `Code ${p.code}`,
    unknownPerson: "someone unknown",
    setAside: {
      title: "This computer’s own file was damaged or not readable",
      kept: "It was kept under another name, and a new file was started. Shifts on the server are not touched.",
      allFound: (p: { count: number }) =>
        p.count === 0
          ? "Nothing was waiting in it to be sent. No money is missing."
          : plural(p.count, {
              one: `${p.count} entry that was not sent was found in it. It is back in the list and will be sent once.`,
              other: `${p.count} entries that were not sent were found in it. They are back in the list and will be sent once each.`,
            }),
      partFound: (p: { count: number }) =>
        p.count === 0
          ? "Its list of unsent entries cannot be read: pay-ins and pay-outs that were not sent yet may be in that file only."
          : `Its list of unsent entries cannot be read to the end. ${p.count} found and back in the list; more may be in that file only.`,
      action: "Tell support, and do not delete this file:",
      read: "I have told support",
    },
    clock: {
      slow: (p: { time: string }) => `This computer’s clock is ${p.time} slow`,
      fast: (p: { time: string }) => `This computer’s clock is ${p.time} fast`,
      action: "The shift is not affected: the server’s time counts. Set date and time of this computer, so that what it shows is right.",
    },
    noBridge: {
      title: "Onetill runs in its own window",
      action: "Start it from the programs of this computer; this page alone cannot reach a register.",
    },
    trouble: {
      title: "This window had a problem",
      meaning: "Recorded money and open shifts are not affected: they are kept outside this window.",
      action: "Load the window again. If it comes back, tell support, with the details below.",
      reload: "Load again",
    },
  },
  header: {
    signOut: "Sign out",
    lock: "Lock",
    signedInAs: (p: { name: string }) => `Signed in as ${p.name}`,
    settings: "Display and language",
  },
  lock: {
    title: "This till is locked",
    calm: "What was recorded is kept. Nothing is shown until somebody unlocks it.",
    since: (p: { when: string }) => `Since ${p.when}`,
    shiftRuns: "The shift goes on.",
    countWaits: "The drawer is being counted here. What was typed is kept.",
    unsent: (p: { n: number }) => plural(p.n, { one: `${p.n} entry waits to be sent.`, other: `${p.n} entries wait to be sent.` }),
    offline: "No connection. Whoever locked the till can unlock it; colleagues can once it is back.",
    needPassword: "Type your password.",
    unlock: "Unlock",
    checking: "Checking the password…",
    others: "Somebody else",
    somebody: "Sign in as somebody else",
    wrong: {
      title: (p: { name: string }) => `This is not the password of ${p.name}`,
      meaning: "The till stays locked.",
      action: "Type it again and mind capital letters.",
    },
    silent: {
      title: "The password cannot be checked right now",
      meaning: "The server is not heard. The shift goes on, and nothing is lost.",
      action: (p: { name: string }) =>
        `Without the server only ${p.name}, who locked the till, can unlock it. Check the network of this computer.`,
      nobody: "Nobody was signed in here, so the server is needed. Check the network of this computer.",
    },
  },
  leaving: {
    shiftTitle: "The shift is still open",
    unsentTitle: "One moment: entries are not sent yet",
    shiftStays:
      "If you close Onetill now, the shift stays open: the register is not free and its drawer is not counted. The shift is back here when Onetill is started again.",
    countStays:
      "The drawer is being counted here. What was typed is kept, and other devices record nothing until the count is finished or given up.",
    unsent: (p: { n: number }) =>
      plural(p.n, {
        one: `${p.n} entry waits on this computer. It is sent when Onetill runs again with a connection, not before.`,
        other: `${p.n} entries wait on this computer. They are sent when Onetill runs again with a connection, not before.`,
      }),
    toEnd: "To end the shift, go back, then count and close it.",
    stay: "Go back",
    quit: "Close Onetill",
  },
  settings: {
    title: "Display and language",
    window: "Window",
    inWindow: "In a window",
    fullScreen: "Fill the screen",
    fullScreenKey: "Key:",
    language: "Language",
    likeSystem: "Like the system",
    asSetUp: (p: { language: string }) => `As set up (${p.language})`,
    appearance: "Appearance",
    light: "Light",
    dark: "Dark",
    contrast: "High contrast",
    textSize: "Text size",
    managed: {
      title: "Set by your administrator",
      hint: "Only your administrator can change these.",
      names: {
        "supabase.url": "Project URL",
        "supabase.key": "Publishable key",
        printer: "Receipt printer",
        locale: "Language",
        autostart: "Starts at log-in",
        receipts: "Prints receipts",
        updates: "Looks for newer versions",
        screen: "Locks after",
      },
      none: "none",
      notShown: "set, not shown",
      yes: "yes",
      no: "no",
    },
    help: "Help",
    diagnosticsHint:
      "For support: versions, the state of this computer and what happened in the last days. No password, key or amount is in it.",
    saveDiagnostics: "Save diagnostics",
    diagnosticsSaved: "Saved. Send this file to support:",
    done: "Done",
  },
  setup: {
    title: "Connect this computer",
    intro: "Onetill works with your shop's Supabase project. Both values are in the Supabase dashboard, under Project Settings.",
    url: "Project URL",
    urlHint: "Like https://your-project.supabase.co",
    key: "Publishable key",
    keyHint: "Begins with sb_publishable_. Never a secret key.",
    test: "Test connection",
    save: "Save and continue",
    testing: "Testing the connection…",
    checksTitle: "Connection test",
    notMade: "Not tested yet",
    skipped: "Not tested: an earlier check failed",
    passed: "Passed",
    failed: "Failed",
    allPassed: "Everything works.",
    someFailed: "The connection test found a problem.",
    managed: "Set by your administrator. It cannot be changed here.",
    savedIn: (p: { path: string }) => `Saved in ${p.path}`,
  },
  signIn: {
    title: "Sign in",
    intro: (p: { server: string }) => `Project ${p.server}`,
    email: "E-mail",
    password: "Password",
    show: "Show password",
    submit: "Sign in",
    signingIn: "Signing in…",
    resuming: "Resuming your sign-in…",
    needBoth: "Enter e-mail and password.",
    notKept: "This computer has no keychain: you will sign in again after each start.",
    connection: "Connection settings",
    demoTitle: "Demo store: sign in with one tap",
  },
  choose: {
    title: "Which register is this?",
    location: "Store",
    reload: "Read again",
    loading: "Reading the registers…",
    empty: "This store has no registers yet.",
    emptyAction: "A manager or the installer adds them; then read the list again.",
    notRead: "The list of registers could not be read.",
    find: "Find a register",
    noneFound: "No register matches.",
    free: "Free",
    open: "Open",
    retired: "Out of service",
    openBy: (p: { name: string }) => `by ${p.name}`,
    since: (p: { when: string }) => `since ${p.when}`,
    float: (p: { amount: string }) => `float ${p.amount}`,
  },
  start: {
    openingCash: "Opening cash in the drawer",
    reads: "Counts as",
    start: "Start shift",
    join: "Join shift",
    joinOf: (p: { day: string }) => `Join the shift of ${p.day}`,
    askAgain: "Ask again",
    starting: "Starting the shift…",
    stopWaiting: "Stop waiting",
    another: "Choose another register",
    openTitle: "This register has an open shift. You will join it.",
    openLine: (p: { name: string; when: string; amount: string }) => `Opened by ${p.name}, ${p.when}, with a float of ${p.amount}.`,
    earlierTitle: (p: { day: string }) => `The open shift is from ${p.day}`,
    earlierLine: "It was not closed that day. Join it only if you want to work on in that shift.",
    unansweredTitle: "An earlier start has no answer yet",
    unansweredLine: "Asking again repeats that same start, with the opening cash entered then. It never starts a second shift.",
    keypad: "Keypad",
    byAmount: "Amount",
    byCount: "Notes and coins",
    entry: "How to enter it",
    countTitle: "How many of each",
    counted: "Counted",
    howMany: (p: { value: string }) => `Number of ${p.value}`,
    backspace: "Delete the last digit",
    clear: "Clear",
    problems: {
      empty: "Enter the opening cash. An empty drawer is 0.",
      "not-a-number": "This is not an amount. Use digits only, such as 150 or 150.00.",
      negative: "The opening cash cannot be below zero.",
      "too-precise": "Too many decimal places.",
      "too-large": "This is more than a drawer can hold.",
    },
    ambiguous: (p: { text: string }) => `“${p.text}” can be read in more than one way. Which amount do you mean?`,
  },
  earlier: {
    title: (p: { day: string }) => `This shift is from ${p.day}`,
    today: (p: { day: string }) => `Today is ${p.day}.`,
    line: "It was never closed. Everything you do now counts for that earlier day.",
    goOn: "Go on with this shift",
    leave: "Leave this shift",
    leaveHint: "If you leave, the shift stays open for others. A manager can end it and count it later.",
  },
  register: {
    shift: "Shift",
    register: "Register",
    opener: "Opened by",
    you: "you",
    openSince: "Open since",
    running: (p: { time: string }) => `for ${p.time}`,
    float: "Float at the start",
    own: "You counted",
    expected: "Expected cash",
    totals: "So far in this shift",
    sales: "Sales",
    count: "Transactions",
    cash: "Cash",
    card: "Card",
    outcome: {
      created: "Shift started",
      joined: "Joined existing session",
      replayed: "Shift is open",
      unknown: "Shift is open",
    },
    outcomeLine: {
      created: (p: { name: string; when: string; amount: string }) => `You opened this shift with a float of ${p.amount}.`,
      joined: (p: { name: string; when: string; amount: string }) =>
        `Shift of ${p.name}, open since ${p.when}, with a float of ${p.amount}.`,
      replayed: (p: { name: string; when: string; amount: string }) => `Opened by ${p.name}, ${p.when}, with a float of ${p.amount}.`,
      unknown: (p: { name: string; when: string; amount: string }) => `Opened by ${p.name}, ${p.when}, with a float of ${p.amount}.`,
    },
    joinedOwn: (p: { own: string; float: string }) => `You counted ${p.own}, the float is ${p.float}. Kept as a spot count.`,
    connection: "Connection",
    confirmed: "Connected",
    confirmedAge: (p: { age: string }) => `Confirmed by the server ${p.age}`,
    checking: "Checking",
    checkingAge: (p: { when: string }) => `Last confirmed ${p.when}`,
    offline: "Offline",
    offlineSince: (p: { when: string; time: string }) => `Since ${p.when}, for ${p.time}`,
    offlineHint: "This shift stays open. Onetill asks again by itself.",
    leave: "Leave this shift",
    leaveTitle: "Leave this shift?",
    leaveLine: "Only this computer leaves. The shift stays open for others and keeps its money.",
    leaveYes: "Leave the shift",
    leaveNo: "Stay",
    signInTitle: "Your sign-in has ended",
    signInLine: "The shift stays open. Sign in again so that it can be confirmed.",
    signInAgain: "Sign in again",
  },
  movements,
  closing,
  board,
  catalogue,
  paper,
  report,
  selling,
  update,
  fenced: {
    title: "This shift is over",
    gone: "The server no longer knows this shift",
    ended: (p: { name: string }) => `${p.name} ended it`,
    closed: (p: { name: string }) => `${p.name} closed it`,
    cancelled: (p: { name: string }) => `${p.name} cancelled it`,
    on: (p: { when: string }) => `on ${p.when}`,
    late: (p: { n: number }) =>
      plural(p.n, {
        one: "1 receipt came later. It is on record beside the Z report.",
        other: `${p.n} receipts came later. They are on record beside the Z report.`,
      }),
    calm: "Nothing that was recorded here is lost.",
    ok: "Continue",
  },
  when: {
    justNow: "just now",
    minutesAgo: (p: { n: number }) => `${p.n} min ago`,
    hoursAgo: (p: { n: number }) => `${p.n} h ago`,
    minutes: (p: { n: number }) => `${p.n} min`,
    hoursMinutes: (p: { h: number; m: number }) => `${p.h} h ${p.m} min`,
    daysHours: (p: { d: number; h: number }) => plural(p.d, { one: `${p.d} day ${p.h} h`, other: `${p.d} days ${p.h} h` }),
  },
  announce: {
    unlocked: "Unlocked.",
    checking: "Checking the shift with the server.",
    confirmed: "Connected. The server confirmed the shift.",
    offline: "Offline. The shift stays open.",
  },
};

export type Words = typeof en;
