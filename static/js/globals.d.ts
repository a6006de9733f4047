// What the scripts find on the page beside their own modules. Read by the type checker only; never collected or served.

interface HtmxRequestDetail {
  elt: Element;
  target: Element | null;
  boosted?: boolean;
  xhr: XMLHttpRequest;
  requestConfig?: { verb: string; path: string };
  successful?: boolean;
  pathInfo?: { anchor?: string };
  serverResponse: string;
  shouldSwap: boolean;
  isError: boolean;
  selectOverride?: string;
  swapOverride?: string;
}

type HtmxEvent = CustomEvent<HtmxRequestDetail>;

interface DocumentEventMap {
  "htmx:beforeRequest": HtmxEvent;
  "htmx:beforeSwap": HtmxEvent;
  "htmx:afterRequest": HtmxEvent;
  "htmx:afterSwap": HtmxEvent;
  "htmx:afterSettle": HtmxEvent;
  "htmx:historyRestore": CustomEvent;
  "htmx:sendError": HtmxEvent;
  "htmx:responseError": HtmxEvent;
  "heimdex:toast": CustomEvent;
  "speakers-changed": CustomEvent<{ made?: string; line?: number } | null>;
  "borders-changed": CustomEvent<{ ms: number }>;
  "words-corrected": CustomEvent;
  "clip-shown": CustomEvent;
  "clips-changed": CustomEvent<{ open?: string | null } | null>;
  "lines-changed": CustomEvent<{ at: number[]; batch?: string }>;
}

interface HTMLElementEventMap {
  "htmx:afterSettle": HtmxEvent;
  "htmx:configRequest": CustomEvent<{ parameters: Record<string, string>; headers: Record<string, string> }>;
  "shots-analyzed": CustomEvent<string>;
  "framing-changed": CustomEvent;
  files: CustomEvent<File[]>;
}

interface HTMLVideoElement {
  webkitEnterFullscreen?(): void; // an iPhone's only way
}

declare const htmx: {
  config: Record<string, unknown>;
  process(element: Element): void;
  ajax(verb: string, path: string, context: Record<string, unknown>): Promise<void>;
  swap(target: Element, content: string, specification: { swapStyle: string }): void;
};

// Django's JavaScriptCatalog; both are missing where it did not load.
declare var gettext: ((text: string) => string) | undefined;
declare var ngettext: ((one: string, many: string, count: number) => string) | undefined;

declare namespace tus {
  interface Request {
    getMethod(): string;
    getURL(): string;
    setHeader(name: string, value: string): void;
  }
  interface Response {
    getStatus(): number;
    getHeader(name: string): string | undefined;
    getBody(): string;
  }
  interface DetailedError extends Error {
    originalResponse?: Response | null;
  }
  interface PreviousUpload {
    uploadUrl: string | null;
    metadata: Record<string, string>;
  }
  interface Options {
    endpoint?: string;
    chunkSize?: number;
    retryDelays?: number[];
    removeFingerprintOnSuccess?: boolean;
    metadata?: Record<string, string>;
    fingerprint?(): Promise<string>;
    onBeforeRequest?(request: Request): void | Promise<void>;
    onShouldRetry?(error: DetailedError): boolean;
    onAfterResponse?(request: Request, response: Response): void;
    onProgress?(sent: number, all: number): void;
    onSuccess?(): void;
    onError?(error: DetailedError): void;
  }
  class Upload {
    constructor(file: File, options: Options);
    static terminate(url: string, options: Options): Promise<void>;
    start(): void;
    abort(shouldTerminate?: boolean): Promise<void>;
    findPreviousUploads(): Promise<PreviousUpload[]>;
    resumeFromPreviousUpload(previous: PreviousUpload): void;
  }
}

// The admin's theme.
declare const Alpine: {
  data(name: string, make: unknown): void;
  $data(element: Element): Record<string, unknown>;
  effect(run: () => void): void;
};
declare function theme(chosen: string): object;
declare function searchForm(): object;
declare function searchDropdown(): object;
declare function searchCommand(): object;
declare function getCurrentTab(): unknown;
declare function moveRecords(event: Event): void;
declare function sortRecords(event: Event): void;
