; The installer for Windows that `cargo xtask windows` builds on Linux.
;
; For one person (the default, no administrator needed, so that the till can be brought up to date by whoever works at
; it) or, with /AllUsers, for everybody at the computer, as rollout tools want it. Silent with /S.
;
; Exit codes: 0 installed; 1 stopped by a person; 2 not installed; 3 installed, but WebView2 is missing and the window
; cannot open.
;
; Invariant: what a till has recorded is never in the folder that is installed or removed here.

Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
ManifestDPIAware true

!define NAME "Onetill"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\app.onetill.register"
!define ERROR_REPORTING "Software\Microsoft\Windows\Windows Error Reporting\ExcludedApplications"
!define WEBVIEW2 "{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
!define WEBVIEW2_PAGE "https://developer.microsoft.com/microsoft-edge/webview2/"

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${UNINSTALL}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_INSTDIR "${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${UNINSTALL}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_USE_PROGRAMFILES64
!include MultiUser.nsh
!include MUI2.nsh
!include x64.nsh

Name "${NAME}"
OutFile "${OUT}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} installer"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\onetill.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "Spanish"

LangString RUNNING ${LANG_ENGLISH} "${NAME} is running. Close its window, then continue."
LangString RUNNING ${LANG_GERMAN} "${NAME} läuft. Schließen Sie das Fenster und fahren Sie dann fort."
LangString RUNNING ${LANG_FRENCH} "${NAME} est ouvert. Fermez sa fenêtre, puis continuez."
LangString RUNNING ${LANG_SPANISH} "${NAME} está abierto. Cierre su ventana y continúe."
LangString NO_WEBVIEW ${LANG_ENGLISH} "${NAME} is installed, but its window needs Microsoft Edge WebView2, which is missing here. Open Microsoft's page for it?"
LangString NO_WEBVIEW ${LANG_GERMAN} "${NAME} ist installiert, aber das Fenster braucht Microsoft Edge WebView2, das hier fehlt. Die Seite von Microsoft dafür öffnen?"
LangString NO_WEBVIEW ${LANG_FRENCH} "${NAME} est installé, mais sa fenêtre a besoin de Microsoft Edge WebView2, qui manque ici. Ouvrir la page de Microsoft ?"
LangString NO_WEBVIEW ${LANG_SPANISH} "${NAME} está instalado, pero su ventana necesita Microsoft Edge WebView2, que falta aquí. ¿Abrir la página de Microsoft?"

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "${NAME} needs a 64-bit Windows." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  SetRegView 64
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

; Waits until nobody runs the program in $INSTDIR: a running one cannot be written over, nor opened for writing.
!macro WAIT_UNTIL_CLOSED UN
Function ${UN}WaitUntilClosed
  again:
  ${If} ${FileExists} "$INSTDIR\onetill.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\onetill.exe" a
    ${If} ${Errors}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDRETRY again
      SetErrorLevel 2
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
FunctionEnd
!macroend
!insertmacro WAIT_UNTIL_CLOSED ""
!insertmacro WAIT_UNTIL_CLOSED "un."

; Leaves the version of WebView2 in $0, or nothing. It is installed for the computer or for the person.
Function WebView2
  SetRegView 32
  ReadRegStr $0 HKLM "SOFTWARE\Microsoft\EdgeUpdate\Clients\${WEBVIEW2}" "pv"
  ${If} $0 == ""
  ${OrIf} $0 == "0.0.0.0"
    ReadRegStr $0 HKCU "Software\Microsoft\EdgeUpdate\Clients\${WEBVIEW2}" "pv"
  ${EndIf}
  ${If} $0 == "0.0.0.0"
    StrCpy $0 ""
  ${EndIf}
  SetRegView 64
FunctionEnd

Section "-Program"
  Call WaitUntilClosed
  SetOutPath "$INSTDIR"
  File "${BUILT}/onetill.exe"
  File "${BUILT}/onetillctl.exe"
  File "${BUILT}/WebView2Loader.dll"
  File /oname=LICENSE.txt "${LICENSE}"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\onetill.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\onetill.exe"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoRepair" 1

  ; A memory image of a crashed till would hold its login.
  WriteRegDWORD SHCTX "${ERROR_REPORTING}" "onetill.exe" 1

  ${If} $MultiUser.InstallMode == "AllUsers"
    ; The whole computer's configuration: everybody reads it, only administrators write there. $APPDATA is ProgramData here.
    CreateDirectory "$APPDATA\onetill"
    nsExec::Exec '"$SYSDIR\icacls.exe" "$APPDATA\onetill" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-32-545:(OI)(CI)RX"'
    Pop $0
  ${EndIf}

  Call WebView2
  ${If} $0 == ""
  ${AndIf} ${FileExists} "$EXEDIR\MicrosoftEdgeWebview2Setup.exe"
    ; Whoever rolls out puts Microsoft's own installer beside this one.
    ExecWait '"$EXEDIR\MicrosoftEdgeWebview2Setup.exe" /silent /install'
    Call WebView2
  ${EndIf}
  ${If} $0 == ""
    SetErrorLevel 3
    MessageBox MB_YESNO|MB_ICONEXCLAMATION "$(NO_WEBVIEW)" /SD IDNO IDNO without
    ExecShell open "${WEBVIEW2_PAGE}"
    without:
  ${EndIf}
SectionEnd

Section "Uninstall"
  Call un.WaitUntilClosed
  Delete "$INSTDIR\onetill.exe"
  Delete "$INSTDIR\onetillctl.exe"
  Delete "$INSTDIR\WebView2Loader.dll"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  ; The entry that starts it at login; of the person who removes it.
  DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "onetill"
  DeleteRegValue SHCTX "${ERROR_REPORTING}" "onetill.exe"
  DeleteRegKey SHCTX "${UNINSTALL}"
  ; Configuration, data and the keychain's entry stay: a queue may wait in them.
SectionEnd
