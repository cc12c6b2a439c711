;;; foretype.el --- Ghost text from a language server on your own machine  -*- lexical-binding: t; -*-

;; Copyright (C) 2026 The Foretype authors

;; Author: The Foretype authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: convenience, languages, tools
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Foretype finishes your line while you type.  Its language server runs on
;; this machine alone and learns from your files.
;;
;; With lsp-mode it runs beside the servers of your languages:
;;
;;   (use-package foretype
;;     :hook ((prog-mode text-mode) . lsp-deferred))
;;
;; Eglot has one server for a buffer; where that is Foretype, this package
;; shows its ghost text as well:
;;
;;   (add-to-list 'eglot-server-programs '(text-mode "foretype" "serve"))
;;
;; Where there is ghost text, TAB accepts it, M-f a word of it, M-e its line,
;; M-n and M-p show other candidates, C-g takes it away.

;;; Code:

(require 'seq)
(require 'subr-x)

(declare-function eglot--pos-to-lsp-position "eglot")
(declare-function eglot--server-info "eglot")
(declare-function eglot--signal-textDocument/didChange "eglot")
(declare-function eglot--TextDocumentIdentifier "eglot")
(declare-function eglot-current-server "eglot")
(declare-function eglot-managed-p "eglot")
(declare-function jsonrpc-async-request "jsonrpc")
(declare-function jsonrpc-request "jsonrpc")
(declare-function lsp--client-server-id "lsp-mode")
(declare-function lsp--cur-position "lsp-mode")
(declare-function lsp--session-workspaces "lsp-mode")
(declare-function lsp--text-document-identifier "lsp-mode")
(declare-function lsp--workspace-client "lsp-mode")
(declare-function lsp--workspace-server-capabilities "lsp-mode")
(declare-function lsp-buffer-language--configured-id "lsp-mode")
(declare-function lsp-inline-completion-mode "lsp-inline-completion")
(declare-function lsp-notify "lsp-mode")
(declare-function lsp-register-client "lsp-mode")
(declare-function lsp-request "lsp-mode")
(declare-function lsp-request-async "lsp-mode")
(declare-function lsp-session "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(defvar lsp--buffer-workspaces)
(defvar lsp--cur-workspace)
(defvar lsp-inline-completion-enable)

(defgroup foretype nil
  "Ghost text from a language server on your own machine."
  :group 'convenience
  :prefix "foretype-")

(defcustom foretype-command '("foretype" "serve")
  "The command that starts the server in `lsp-mode'."
  :type '(repeat string))

(defcustom foretype-connect nil
  "HOST:PORT of a server that all editors share, or nil for one of Emacs's own.
Such a server is started by `foretype serve --tcp HOST:PORT'."
  :type '(choice (const :tag "A server of Emacs's own" nil) string))

(defcustom foretype-modes '(prog-mode text-mode conf-mode)
  "Major modes, and those derived from them, in which Foretype suggests."
  :type '(repeat symbol))

(defcustom foretype-idle-delay 0.02
  "Seconds without a key before a suggestion is asked for.
The server has looked for it before, so there is little to wait for."
  :type 'number)

(defcustom foretype-settings nil
  "Settings of the server, by the names in its docs/settings.md.
An alist such as ((eagerness . 0.7) (maxLines . 4)); false is :json-false.
A change by `setopt' or Customize is used at once."
  :type '(alist :key-type symbol :value-type sexp)
  :set (lambda (symbol value)
         (set-default-toplevel-value symbol value)
         (when (fboundp 'foretype--configure)
           (foretype--configure))))

(defcustom foretype-shown-hook nil
  "Hook run when a suggestion has come and is shown."
  :type 'hook)

(defface foretype-ghost '((t :inherit shadow))
  "Face of ghost text.")

(defvar-keymap foretype-active-map
  :doc "Keys where there is ghost text."
  "TAB" #'foretype-accept
  "<tab>" #'foretype-accept
  "M-f" #'foretype-accept-word
  "M-e" #'foretype-accept-line
  "M-n" #'foretype-next
  "M-p" #'foretype-previous
  "C-g" #'foretype-dismiss)

(defvar foretype--paused nil
  "Whether suggestions come only when they are asked for.")
(defvar foretype--progress nil
  "How far learning is, such as \"42%\", or nil.")
(defvar-local foretype--overlay nil
  "The ghost text on the screen, nil if there is none.")
(defvar-local foretype--texts nil
  "The candidates; the first is shown.")
(defvar-local foretype--tick nil
  "The state of the text when it was last looked at.")
(defvar-local foretype--timer nil
  "What will ask for a suggestion.")
(defvar-local foretype--active nil
  "Whether the keys of `foretype-active-map' are at work.")

(defvar foretype--keys `((foretype--active . ,foretype-active-map))
  "What makes the keys at work win over those of other minor modes.")
(add-to-list 'emulation-mode-map-alists 'foretype--keys)

;;; Ghost text

(defvar-keymap foretype-mode-map
  :doc "Keys in buffers in which Foretype suggests; none unless you add some.")

;;;###autoload
(define-minor-mode foretype-mode
  "Show what Foretype suggests as ghost text.
It is turned on where a server of Foretype is, by `lsp-mode' or Eglot."
  :lighter (:eval (foretype--lighter))
  (if foretype-mode
      (progn
        (foretype--replace-lsp-mode-display)
        (setq foretype--tick (buffer-chars-modified-tick))
        (add-hook 'post-command-hook #'foretype--after-command nil t)
        (add-hook 'window-selection-change-functions #'foretype--hide nil t))
    (foretype--hide)
    (remove-hook 'post-command-hook #'foretype--after-command t)
    (remove-hook 'window-selection-change-functions #'foretype--hide t)))

(defun foretype--replace-lsp-mode-display ()
  "Leave the display of ghost text to this package.
Inline completion of `lsp-mode' moves point and takes \\`C-n' and \\`C-p' while
it shows something, which suits a pause of seconds, not every key."
  (when (fboundp 'lsp-inline-completion-mode)
    (setq-local lsp-inline-completion-enable nil)
    (lsp-inline-completion-mode -1)))

(defun foretype--lighter ()
  "Return the words in the mode line."
  (cond (foretype--progress (format " Foretype:%s" foretype--progress))
        (foretype--paused " Foretype:paused")
        (t " Foretype")))

(defun foretype--show (texts)
  "Show the first of TEXTS behind the caret, in this window."
  (foretype--hide)
  (let ((text (propertize (car texts) 'face 'foretype-ghost))
        (count (when (cdr texts)
                 (propertize (format "  1/%d" (length texts)) 'face 'foretype-ghost))))
    (put-text-property 0 1 'cursor t text)
    (setq foretype--overlay (make-overlay (point) (point))
          foretype--texts texts
          foretype--active t)
    (overlay-put foretype--overlay 'window (selected-window))
    (overlay-put foretype--overlay 'after-string (concat text count))))

(defun foretype--hide (&rest _)
  "Show nothing any more."
  (when foretype--overlay
    (delete-overlay foretype--overlay))
  (setq foretype--overlay nil
        foretype--texts nil
        foretype--active nil))

(defun foretype--after-command ()
  "Keep the ghost text if it was typed along, and ask for what follows."
  (cond ((or defining-kbd-macro executing-kbd-macro)
         ;; a macro must do the same with ghost text and without it
         (setq foretype--tick (buffer-chars-modified-tick))
         (foretype--ask-not)
         (foretype--hide))
        ((not (eq foretype--tick (buffer-chars-modified-tick)))
         (setq foretype--tick (buffer-chars-modified-tick))
         (foretype--follow)
         (unless foretype--paused
           (foretype--ask-soon)))
        ((and foretype--overlay (/= (point) (overlay-start foretype--overlay)))
         (foretype--hide))))

(defun foretype--follow ()
  "Show what is left of the ghost text if its beginning was typed, or nothing."
  (when foretype--overlay
    (let* ((place (overlay-start foretype--overlay))
           (text (car foretype--texts))
           (typed (and (< place (point))
                       (buffer-substring-no-properties place (point)))))
      (if (and typed (string-prefix-p typed text) (not (string= typed text)))
          (foretype--show (list (string-remove-prefix typed text)))
        (foretype--hide)))))

(defun foretype--ask-soon ()
  "Ask for a suggestion when no key has come for a moment."
  (foretype--ask-not)
  (setq foretype--timer
        (run-with-idle-timer foretype-idle-delay nil #'foretype--ask-in (current-buffer))))

(defun foretype--ask-not ()
  "Drop what would ask for a suggestion."
  (when (timerp foretype--timer)
    (cancel-timer foretype--timer)))

(defun foretype--ask-in (buffer)
  "Ask for a suggestion if BUFFER is still the one being typed in."
  (when (and (buffer-live-p buffer) (eq buffer (window-buffer)))
    (with-current-buffer buffer
      (when (and foretype-mode (not buffer-read-only))
        (foretype--ask 2 #'identity)))))

(defun foretype--ask (kind order)
  "Ask for suggestions: KIND is 1 by hand, 2 unasked; ORDER puts them in order."
  (let ((buffer (current-buffer))
        (tick (buffer-chars-modified-tick))
        (place (point)))
    (foretype--request
     "textDocument/inlineCompletion"
     `(:context (:triggerKind ,kind)
       :formattingOptions (:tabSize ,tab-width
                           :insertSpaces ,(if indent-tabs-mode :json-false t)))
     (lambda (answer)
       (when (buffer-live-p buffer)
         (with-current-buffer buffer
           (when (and (eq tick (buffer-chars-modified-tick)) (eq place (point)))
             (foretype--answered answer order))))))))

(defun foretype--answered (answer order)
  "Show the texts in ANSWER, put in order by ORDER, or nothing if there are none."
  (let ((texts (mapcar (lambda (item) (foretype--get item "insertText"))
                       (append (foretype--get answer "items") nil))))
    (cond ((null texts) (foretype--hide))
          ((not (equal texts foretype--texts))
           (foretype--show (funcall order texts))
           (run-hooks 'foretype-shown-hook)))))

(defun foretype--accept (pattern)
  "Accept what PATTERN matches at the start of the ghost text."
  (unless foretype--texts
    (user-error "There is no ghost text"))
  (let ((text (car foretype--texts)))
    (insert (if (string-match (concat "\\`\\(?:" pattern "\\)") text)
                (match-string 0 text)
              text))))

(defun foretype-accept ()
  "Accept the ghost text."
  (interactive)
  (foretype--accept "\\(?:.\\|\n\\)*"))

(defun foretype-accept-word ()
  "Accept the next word of the ghost text."
  (interactive)
  (foretype--accept "[[:space:]\n]*\\(?:[[:alnum:]_]+\\|[^[:alnum:]_[:space:]\n]+\\)"))

(defun foretype-accept-line ()
  "Accept the ghost text up to the end of its line."
  (interactive)
  (foretype--accept "\n?[^\n]*"))

(defun foretype-dismiss ()
  "Take the ghost text away."
  (interactive)
  (foretype--hide))

(defun foretype-next ()
  "Show the next candidate, asking for more than one if there is but one."
  (interactive)
  (foretype--turn (lambda (texts) (append (cdr texts) (list (car texts))))))

(defun foretype-previous ()
  "Show the previous candidate, asking for more than one if there is but one."
  (interactive)
  (foretype--turn (lambda (texts) (append (last texts) (butlast texts)))))

(defun foretype--turn (order)
  "Show the first of the candidates once ORDER has put them in another order."
  (if (cdr foretype--texts)
      (foretype--show (funcall order foretype--texts))
    ;; what was about to be asked unasked would take the place of this
    (foretype--ask-not)
    (foretype--ask 1 (if foretype--texts order #'identity))))

;;; The server, by lsp-mode or Eglot

(defun foretype--get (object name)
  "Return what OBJECT, sent by the server, has under NAME."
  (if (hash-table-p object)
      (gethash name object)
    (plist-get object (intern (concat ":" name)))))

(defun foretype--lsp-workspaces ()
  "Return what `lsp-mode' has of Foretype: this buffer's, or all there is."
  (when (featurep 'lsp-mode)
    (seq-filter (lambda (workspace)
                  (eq (lsp--client-server-id (lsp--workspace-client workspace)) 'foretype))
                (or lsp--buffer-workspaces (lsp--session-workspaces (lsp-session))))))

(defun foretype--eglot-server ()
  "Return what Eglot has of Foretype in this buffer."
  (when-let* (((featurep 'eglot))
              (server (eglot-current-server))
              ((equal (plist-get (eglot--server-info server) :name) "foretype")))
    server))

(defun foretype--request (method params use)
  "Send METHOD, about the caret, with further PARAMS, and call USE with the result."
  (cond ((foretype--lsp-workspaces)
         (let ((lsp--cur-workspace (car (foretype--lsp-workspaces))))
           (lsp-request-async method
                              `(:textDocument ,(lsp--text-document-identifier)
                                :position ,(lsp--cur-position) ,@params)
                              use :mode 'tick :cancel-token 'foretype
                              :error-handler #'ignore)))
        ((foretype--eglot-server)
         (eglot--signal-textDocument/didChange)
         (jsonrpc-async-request (foretype--eglot-server) (intern (concat ":" method))
                                `(:textDocument ,(eglot--TextDocumentIdentifier)
                                  :position ,(eglot--pos-to-lsp-position) ,@params)
                                :success-fn use :error-fn #'ignore))))

(defun foretype--status ()
  "Return the status of the server."
  (cond ((foretype--lsp-workspaces)
         (let ((lsp--cur-workspace (car (foretype--lsp-workspaces))))
           (lsp-request "foretype/status" nil)))
        ((foretype--eglot-server)
         (jsonrpc-request (foretype--eglot-server) :foretype/status nil))
        (t (user-error "The server is not there; see M-x foretype-doctor"))))

(defun foretype--settings ()
  "Return the settings as the server wants them."
  (or foretype-settings (make-hash-table)))

(defun foretype--configure ()
  "Tell the servers that `lsp-mode' has started the settings."
  (dolist (workspace (foretype--lsp-workspaces))
    (let ((lsp--cur-workspace workspace))
      (lsp-notify "workspace/didChangeConfiguration"
                  `(:settings (:foretype ,(foretype--settings)))))))

(defun foretype--server-command ()
  "Return the command line of the server."
  (append foretype-command
          (when foretype-connect (list "--connect" foretype-connect))))

(defun foretype--program (&rest arguments)
  "Return the command line of `foretype' with ARGUMENTS."
  (append (or (butlast foretype-command (length (member "serve" foretype-command)))
              (list (car foretype-command)))
          arguments))

(defun foretype--suggests-in-p (_file mode)
  "Tell whether Foretype suggests in buffers of MODE."
  (provided-mode-derived-p mode foretype-modes))

(defun foretype--language (buffer)
  "Return the language of BUFFER by the name that language servers have for it."
  (with-current-buffer buffer
    (or (lsp-buffer-language--configured-id)
        (replace-regexp-in-string "\\(-ts\\)?-mode\\'" "" (symbol-name major-mode)))))

(defun foretype--keep-out-of-menus (workspace)
  "Let WORKSPACE have no part in completion menus: there is ghost text.
The server offers both, because `lsp-mode' claims inline completion by a null."
  (let ((capabilities (lsp--workspace-server-capabilities workspace)))
    (if (hash-table-p capabilities)
        (remhash "completionProvider" capabilities)
      (plist-put capabilities :completionProvider nil))))

(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client
    :new-connection (lsp-stdio-connection #'foretype--server-command)
    :activation-fn #'foretype--suggests-in-p
    :language-id #'foretype--language
    :server-id 'foretype
    :add-on? t
    :multi-root t
    :initialization-options #'foretype--settings
    :request-handlers
    (let ((handlers (make-hash-table :test #'equal)))
      (puthash "workspace/configuration" (lambda (_ _) (vector (foretype--settings))) handlers)
      handlers)
    :initialized-fn #'foretype--keep-out-of-menus
    :after-open-fn #'foretype-mode)))

(defun foretype--eglot-managed ()
  "Turn `foretype-mode' on where Eglot's server is Foretype, and off where it was."
  (if (and (eglot-managed-p) (foretype--eglot-server))
      (foretype-mode 1)
    (unless (foretype--lsp-workspaces)
      (foretype-mode -1))))

(with-eval-after-load 'eglot
  (add-hook 'eglot-managed-mode-hook #'foretype--eglot-managed))

;;; Commands

;;;###autoload
(defun foretype-pause ()
  "Come with suggestions only when they are asked for, by `foretype-next'."
  (interactive)
  (setq foretype--paused t)
  (foretype--hide)
  (force-mode-line-update t))

;;;###autoload
(defun foretype-resume ()
  "Come with suggestions unasked again."
  (interactive)
  (setq foretype--paused nil)
  (force-mode-line-update t))

;;;###autoload
(defun foretype-status ()
  "Tell what the server is doing and what became of its suggestions."
  (interactive)
  (let ((status (foretype--status)))
    (message "Foretype %s, %s: %d shown, %d accepted, %d keys saved"
             (foretype--get status "version")
             (cond (foretype--paused "paused")
                   ((foretype--get (foretype--get status "model") "loaded") "ready")
                   (t "the model is being loaded"))
             (foretype--get status "shown")
             (foretype--get status "accepted")
             (foretype--get status "keys_saved"))))

(defun foretype--run (name)
  "Run the command NAME of `foretype' and show what it has printed."
  (make-process :name "foretype" :buffer (generate-new-buffer " *foretype*" t)
                :command (foretype--program name) :noquery t :connection-type 'pipe
                :sentinel (lambda (process _)
                            (unless (process-live-p process)
                              (foretype--display name (process-buffer process))))))

(defun foretype--display (name printed)
  "Show what the command NAME has left in the buffer PRINTED, and kill that."
  (with-current-buffer (get-buffer-create (format "*foretype %s*" name))
    (let ((inhibit-read-only t))
      (erase-buffer)
      (insert-buffer-substring printed))
    (kill-buffer printed)
    (special-mode)
    (goto-char (point-min))
    (display-buffer (current-buffer))))

;;;###autoload
(defun foretype-stats ()
  "Show what became of the suggestions."
  (interactive)
  (foretype--run "stats"))

;;;###autoload
(defun foretype-doctor ()
  "Look over the whole installation."
  (interactive)
  (foretype--run "doctor"))

;;;###autoload
(defun foretype-log ()
  "Show the log of the server."
  (interactive)
  (let ((buffer (seq-some #'get-buffer '("*foretype::stderr*" "*lsp-log*"))))
    (if buffer
        (display-buffer buffer)
      (user-error "The server has not said anything"))))

;;;###autoload
(defun foretype-train (folder &rest options)
  "Learn from FOLDER in the background, with progress in the mode line.
OPTIONS are those of `foretype train'."
  (interactive (list (read-directory-name "Learn from: " (locate-dominating-file "." ".git"))))
  (setq foretype--progress "learns")
  (force-mode-line-update t)
  (make-process
   :name "foretype train" :buffer (get-buffer-create "*foretype train*")
   :command (append (apply #'foretype--program "train" options) (list (expand-file-name folder)))
   :connection-type 'pipe
   :noquery t
   :filter #'foretype--train-filter
   :sentinel #'foretype--train-ended)
  (message "Foretype learns from %s" folder))

(defun foretype--train-filter (process text)
  "Keep TEXT, which PROCESS has printed, and show how far it is."
  (with-current-buffer (process-buffer process)
    (goto-char (point-max))
    (insert text))
  (when (string-match "\\([0-9]+%\\) " text)
    (setq foretype--progress (match-string 1 text))
    (force-mode-line-update t)))

(defun foretype--train-ended (process _event)
  "Tell how PROCESS went; the server notices by itself what was learnt."
  (unless (process-live-p process)
    (setq foretype--progress nil)
    (force-mode-line-update t)
    (let ((said (foretype--last-line (process-buffer process))))
      (message "Foretype: %s" (string-remove-prefix "foretype: " said)))))

(defun foretype--last-line (buffer)
  "Return the last line of BUFFER, empty ones left out."
  (with-current-buffer buffer
    (goto-char (point-max))
    (skip-chars-backward "\n")
    (buffer-substring-no-properties (line-beginning-position) (point))))

(provide 'foretype)
;;; foretype.el ends here
