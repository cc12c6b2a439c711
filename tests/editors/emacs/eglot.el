;;; eglot.el --- Foretype in Eglot, as a user has it  -*- lexical-binding: t; -*-
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil)
(require 'eglot)
(require 'company)
(setq eglot-server-programs '((python-base-mode "foretype" "serve"))
      eglot-workspace-configuration '(:foretype (:deadlineMs 60000))
      company-minimum-prefix-length 3 company-idle-delay 0.1)
(add-hook 'prog-mode-hook #'eglot-ensure)
