;;; lsp_mode.el --- Foretype in lsp-mode, as a user has it  -*- lexical-binding: t; -*-
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil
      lsp-auto-guess-root t lsp-enable-suggest-server-download nil lsp-warn-no-matched-clients nil
      lsp-headerline-breadcrumb-enable nil lsp-enable-snippet nil lsp-client-packages nil
      lsp-completion-provider :none lsp-restart 'auto-restart)
(load "lsp-mode-autoloads")
(require 'foretype)
(add-hook 'prog-mode-hook #'lsp)
