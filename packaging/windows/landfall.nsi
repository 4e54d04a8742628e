; The Windows installer, for one user and without administrator rights. Run by packaging/windows.sh
; in the root of the repository, with what is said of the program in build/windows/facts.nsh.
;
;   installer     /S silent   /PATH=yes|no the command line's PATH entry   /D=FOLDER (last) where to
;   uninstaller   /S silent   /DATA=remove also the user's settings, history and logs
; Exit codes: 0 done, 1 cancelled, 2 not done; 32 the program runs (ERROR_SHARING_VIOLATION).
;
; $INSTDIR\app is the frozen program and nothing else. An upgrade unpacks the new one beside it and
; changes their names, so that no old file stays and a full disk leaves the old program whole.

Unicode true
; Not for 32 bit: the program has no such build.
Target amd64-unicode
!include "build/windows/facts.nsh"
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include Win\COM.nsh
!include Win\Propkey.nsh

Name "${TITLE}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
RequestExecutionLevel user
ManifestDPIAware true
SetCompressor /SOLID lzma
SetOverwrite on
BrandingText "${TITLE} ${VERSION}"
!ifdef SIGN
    !uninstfinalize '${SIGN} "%1"' = 0
    !finalize '${SIGN} "%1"' = 0
!endif

VIProductVersion "${FOUR_NUMBERS}"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${TITLE}: ${SUMMARY}"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "${PUBLISHER}"

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${APP_ID}"
!define APP_PATH_KEY "Software\Microsoft\Windows\CurrentVersion\App Paths\${NAME}.exe"
!define CLASSES "Software\Classes"
!define DOCUMENT "${APP_ID}.workload"
!define WINDOW_PROGRAM "$INSTDIR\app\${NAME}w.exe"
!define COMMAND_PROGRAM "$INSTDIR\app\${NAME}.exe"
!define SHORTCUT "$SMPROGRAMS\${TITLE}.lnk"
; As `landfall.services.paths` has it: settings, history, logs and cache of this user.
!define DATA "$LOCALAPPDATA\${TITLE}"
!define ERROR_SHARING_VIOLATION 32

Var data_words

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_SMALLDESC

!define MUI_PAGE_CUSTOMFUNCTION_LEAVE check_folder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "${WINDOW_PROGRAM}"
!insertmacro MUI_PAGE_FINISH

!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!define MUI_FINISHPAGE_TEXT "$(removed)$\r$\n$\r$\n$data_words"
!insertmacro MUI_UNPAGE_FINISH

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_RESERVEFILE_LANGDLL

LangString program_section ${LANG_ENGLISH} "${TITLE}"
LangString program_section ${LANG_GERMAN} "${TITLE}"
LangString program_words ${LANG_ENGLISH} "The program, its entry in the Start menu, and ${DOCUMENT_SUFFIX} files."
LangString program_words ${LANG_GERMAN} "Das Programm, sein Eintrag im Startmenü und ${DOCUMENT_SUFFIX}-Dateien."
LangString path_section ${LANG_ENGLISH} "“${NAME}” in every terminal"
LangString path_section ${LANG_GERMAN} "„${NAME}“ in jedem Terminal"
LangString path_words ${LANG_ENGLISH} "Adds the program's folder to your PATH, so that terminals find the command ${NAME}. Those that are open must be opened again."
LangString path_words ${LANG_GERMAN} "Nimmt den Ordner des Programms in Ihren PATH auf, damit Terminals den Befehl ${NAME} finden. Offene Terminals müssen neu geöffnet werden."
LangString data_section ${LANG_ENGLISH} "My settings and history"
LangString data_section ${LANG_GERMAN} "Meine Einstellungen und Aufzeichnungen"
LangString data_section_words ${LANG_ENGLISH} "Also deletes ${DATA}: settings, history, logs. This cannot be undone."
LangString data_section_words ${LANG_GERMAN} "Löscht auch ${DATA}: Einstellungen, Aufzeichnungen, Protokolle. Das lässt sich nicht rückgängig machen."
LangString document_name ${LANG_ENGLISH} "${TITLE} workload"
LangString document_name ${LANG_GERMAN} "${TITLE}-Workload"
LangString old_windows ${LANG_ENGLISH} "${TITLE} needs Windows 10, version 1809, or newer."
LangString old_windows ${LANG_GERMAN} "${TITLE} braucht Windows 10, Version 1809, oder neuer."
LangString is_running ${LANG_ENGLISH} "${TITLE} is running. Close its window, end its commands in terminals, and try again."
LangString is_running ${LANG_GERMAN} "${TITLE} läuft noch. Schließen Sie sein Fenster, beenden Sie seine Befehle in Terminals und versuchen Sie es erneut."
LangString not_ours ${LANG_ENGLISH} "This folder holds other files. Choose an empty one, or one that holds ${TITLE}."
LangString not_ours ${LANG_GERMAN} "Dieser Ordner enthält andere Dateien. Wählen Sie einen leeren oder einen, der ${TITLE} enthält."
LangString not_unpacked ${LANG_ENGLISH} "The files could not be written. What was installed before is unchanged. Is the disk full?"
LangString not_unpacked ${LANG_GERMAN} "Die Dateien konnten nicht geschrieben werden. Was vorher installiert war, ist unverändert. Ist der Datenträger voll?"
LangString removed ${LANG_ENGLISH} "${TITLE} was removed."
LangString removed ${LANG_GERMAN} "${TITLE} wurde entfernt."
LangString data_kept ${LANG_ENGLISH} "Your settings and history stay in ${DATA}. Keys stay in the Windows Credential Manager, under ${TITLE}."
LangString data_kept ${LANG_GERMAN} "Ihre Einstellungen und Aufzeichnungen bleiben in ${DATA}. Schlüssel bleiben in der Windows-Anmeldeinformationsverwaltung unter ${TITLE}."
LangString data_removed ${LANG_ENGLISH} "Your settings and history were deleted too. Keys stay in the Windows Credential Manager, under ${TITLE}."
LangString data_removed ${LANG_GERMAN} "Auch Ihre Einstellungen und Aufzeichnungen wurden gelöscht. Schlüssel bleiben in der Windows-Anmeldeinformationsverwaltung unter ${TITLE}."


; --- What both the installer and the uninstaller do -------------------------------------------

!macro shared prefix

; Windows lets nobody write to a program that runs. Nothing is ended by us: a run may be unsaved.
Function ${prefix}wait_until_it_is_closed
    ${Do}
        StrCpy $1 "no"
        ${If} ${FileExists} "${WINDOW_PROGRAM}"
            ClearErrors
            FileOpen $0 "${WINDOW_PROGRAM}" a
            ${If} ${Errors}
                StrCpy $1 "yes"
            ${Else}
                FileClose $0
            ${EndIf}
        ${EndIf}
        ${If} ${FileExists} "${COMMAND_PROGRAM}"
            ClearErrors
            FileOpen $0 "${COMMAND_PROGRAM}" a
            ${If} ${Errors}
                StrCpy $1 "yes"
            ${Else}
                FileClose $0
            ${EndIf}
        ${EndIf}
        ${If} $1 == "no"
            Return
        ${EndIf}
        DetailPrint "$(is_running)"
        ${If} ${Silent}
            SetErrorLevel ${ERROR_SHARING_VIOLATION}
            Abort
        ${EndIf}
        MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(is_running)" IDRETRY again
        SetErrorLevel ${ERROR_SHARING_VIOLATION}
        Abort
        again:
    ${Loop}
FunctionEnd

; The user's PATH can be longer than a string of this language (1,024 characters), and cut off it
; would be lost: it is changed in memory that Windows itself measures. $R1 is the key, $R2 the type,
; $R3 the text, which begins and ends with a semicolon; 0 where there is none.
Function ${prefix}read_path
    StrCpy $R3 0
    System::Call 'advapi32::RegOpenKeyExW(p -2147483647, w "Environment", i 0, i 0x2001f, *p .R1) i .r0'
    ${If} $0 <> 0
        Return
    ${EndIf}
    ; REG_EXPAND_SZ, where there was no PATH of the user's.
    StrCpy $R2 2
    StrCpy $R4 0
    System::Call 'advapi32::RegQueryValueExW(p R1, w "Path", p 0, *i .r0, p 0, *i .r1) i .r2'
    ${If} $2 = 0
        StrCpy $R2 $0
        StrCpy $R4 $1
    ${EndIf}
    ; Room for our folder and semicolons; the system fills fresh memory with zeros.
    IntOp $0 $R4 + 8192
    System::Alloc $0
    Pop $R3
    System::Call 'kernel32::RtlZeroMemory(p R3, p r0)'
    System::Call '*$R3(&w2 ";")'
    ${If} $R4 > 0
        IntPtrOp $0 $R3 + 2
        System::Call 'advapi32::RegQueryValueExW(p R1, w "Path", p 0, p 0, p r0, *i R4) i .r2'
    ${EndIf}
    System::Call 'kernel32::lstrlenW(p R3) i .r0'
    IntOp $1 $0 - 1
    IntOp $1 $1 * 2
    IntPtrOp $1 $R3 + $1
    System::Call '*$1(&i2 .r2)'
    ${If} $2 <> 59
        System::Call 'kernel32::lstrcatW(p R3, w ";")'
    ${EndIf}
FunctionEnd

Function ${prefix}write_path
    ; Without the semicolons at both ends.
    System::Call 'kernel32::lstrlenW(p R3) i .r0'
    ${If} $0 > 1
        IntOp $1 $0 - 1
        IntOp $1 $1 * 2
        IntPtrOp $1 $R3 + $1
        System::Call '*$1(&i2 0)'
        IntOp $0 $0 - 2
    ${Else}
        StrCpy $0 0
    ${EndIf}
    IntPtrOp $1 $R3 + 2
    ${If} $0 = 0
        System::Call 'advapi32::RegDeleteValueW(p R1, w "Path")'
    ${Else}
        IntOp $0 $0 + 1
        IntOp $0 $0 * 2
        System::Call 'advapi32::RegSetValueExW(p R1, w "Path", i 0, i R2, p r1, i r0) i .r2'
    ${EndIf}
    ; What is started from now on is to know it.
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
FunctionEnd

Function ${prefix}close_path
    ${If} $R3 P<> 0
        System::Free $R3
    ${EndIf}
    System::Call 'advapi32::RegCloseKey(p R1)'
FunctionEnd

Function ${prefix}remove_from_path
    Call ${prefix}read_path
    ${If} $R3 P= 0
        Return
    ${EndIf}
    StrCpy $R5 ";$INSTDIR\app;"
    System::Call 'shlwapi::StrStrIW(p R3, w R5) p .R6'
    ${If} $R6 P<> 0
        StrLen $0 $R5
        IntOp $0 $0 - 1
        IntOp $0 $0 * 2
        IntPtrOp $1 $R6 + $0
        System::Call 'kernel32::lstrlenW(p r1) i .r2'
        IntOp $2 $2 + 1
        IntOp $2 $2 * 2
        System::Call 'ntdll::memmove(p R6, p r1, p r2)'
        Call ${prefix}write_path
    ${EndIf}
    Call ${prefix}close_path
FunctionEnd

!macroend

!insertmacro shared ""
!insertmacro shared "un."

; --- The installer ----------------------------------------------------------------------------

; What is not ours stays: $INSTDIR is removed again, and of a folder that is full of other things
; nobody wants this.
Function check_folder
    ${If} ${FileExists} "$INSTDIR\uninstall.exe"
        Return
    ${EndIf}
    ${DirState} "$INSTDIR" $0
    ${If} $0 = 1
        MessageBox MB_OK|MB_ICONEXCLAMATION "$(not_ours)" /SD IDOK
        Abort
    ${EndIf}
FunctionEnd

Section "$(program_section)" program
    SectionIn RO
    SetShellVarContext current
    ${If} ${Silent}
        ${DirState} "$INSTDIR" $0
        ${If} $0 = 1
        ${AndIfNot} ${FileExists} "$INSTDIR\uninstall.exe"
            DetailPrint "$(not_ours)"
            SetErrorLevel 2
            Abort
        ${EndIf}
    ${EndIf}
    Call wait_until_it_is_closed

    RMDir /r "$INSTDIR\app.new"
    ClearErrors
    SetOutPath "$INSTDIR\app.new"
    File /r "${PAYLOAD}\*.*"
    File "/oname=${NAME}-document.ico" "${DOCUMENT_ICON}"
    SetOutPath "$INSTDIR"
    ${If} ${Errors}
        RMDir /r "$INSTDIR\app.new"
        DetailPrint "$(not_unpacked)"
        MessageBox MB_OK|MB_ICONSTOP "$(not_unpacked)" /SD IDOK
        SetErrorLevel 2
        Abort
    ${EndIf}

    RMDir /r "$INSTDIR\app.old"
    ClearErrors
    ${If} ${FileExists} "$INSTDIR\app\*.*"
        Rename "$INSTDIR\app" "$INSTDIR\app.old"
    ${EndIf}
    ${IfNot} ${Errors}
        Rename "$INSTDIR\app.new" "$INSTDIR\app"
    ${EndIf}
    ${If} ${Errors}
        ; Somebody has a file of it open after all.
        ${IfNot} ${FileExists} "$INSTDIR\app\*.*"
            Rename "$INSTDIR\app.old" "$INSTDIR\app"
        ${EndIf}
        RMDir /r "$INSTDIR\app.new"
        DetailPrint "$(is_running)"
        MessageBox MB_OK|MB_ICONSTOP "$(is_running)" /SD IDOK
        SetErrorLevel ${ERROR_SHARING_VIOLATION}
        Abort
    ${EndIf}
    RMDir /r "$INSTDIR\app.old"

    WriteUninstaller "$INSTDIR\uninstall.exe"
    WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${TITLE}"
    WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
    WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
    WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "${WINDOW_PROGRAM},0"
    WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
    WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
    WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
    WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE_KIB}
    WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
    WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1

    ; Win+R and `start landfall` find the program by it; terminals do not, they look at PATH alone.
    WriteRegStr HKCU "${APP_PATH_KEY}" "" "${COMMAND_PROGRAM}"

    WriteRegStr HKCU "${CLASSES}\${DOCUMENT}" "" "$(document_name)"
    WriteRegStr HKCU "${CLASSES}\${DOCUMENT}\DefaultIcon" "" "$INSTDIR\app\${NAME}-document.ico"
    WriteRegStr HKCU "${CLASSES}\${DOCUMENT}\shell\open\command" "" '"${WINDOW_PROGRAM}" "%1"'
    WriteRegStr HKCU "${CLASSES}\${DOCUMENT_SUFFIX}" "" "${DOCUMENT}"
    WriteRegStr HKCU "${CLASSES}\${DOCUMENT_SUFFIX}" "Content Type" "${DOCUMENT_MIME}"
    ; “Open with” offers the program for these. Not by OpenWithProgids of .toml: where no editor has
    ; claimed that suffix, Windows would take the only entry there for the default.
    WriteRegStr HKCU "${CLASSES}\Applications\${NAME}w.exe" "FriendlyAppName" "${TITLE}"
    WriteRegStr HKCU "${CLASSES}\Applications\${NAME}w.exe\shell\open\command" "" '"${WINDOW_PROGRAM}" "%1"'
    WriteRegStr HKCU "${CLASSES}\Applications\${NAME}w.exe\SupportedTypes" "${DOCUMENT_SUFFIX}" ""
    WriteRegStr HKCU "${CLASSES}\Applications\${NAME}w.exe\SupportedTypes" ".toml" ""

    Call make_shortcut
    ; The desktop reads icons and suffixes anew: SHCNE_ASSOCCHANGED.
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

; An own choice: the PATH is the user's, and its folder holds nothing but the program's two names.
Section /o "$(path_section)" in_path
    Call add_to_path
    WriteRegDWORD HKCU "${UNINSTALL_KEY}" "InPath" 1
SectionEnd

Section "-keep" keep
    ${IfNot} ${SectionIsSelected} ${in_path}
        ReadRegDWORD $0 HKCU "${UNINSTALL_KEY}" "InPath"
        ${If} $0 = 1
            Call remove_from_path
            DeleteRegValue HKCU "${UNINSTALL_KEY}" "InPath"
        ${EndIf}
    ${EndIf}
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
    !insertmacro MUI_DESCRIPTION_TEXT ${program} "$(program_words)"
    !insertmacro MUI_DESCRIPTION_TEXT ${in_path} "$(path_words)"
!insertmacro MUI_FUNCTION_DESCRIPTION_END

; The task bar puts a window under the entry of the same identity, which the program states too.
Function make_shortcut
    CreateShortcut "${SHORTCUT}" "${WINDOW_PROGRAM}" "" "${WINDOW_PROGRAM}" 0 SW_SHOWNORMAL "" "${SUMMARY}"
    !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
    ${If} $0 P= 0
        Return
    ${EndIf}
    ${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}",.r1)'
    ${If} $1 P<> 0
        ${IPersistFile::Load} $1 '("${SHORTCUT}", 2)'
        ${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}",.r2)'
        ${If} $2 P<> 0
            System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r3'
            System::Call '*(&w128 "${APP_ID}")p.r4'
            System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_LPWSTR},,p r4)p.r5'
            ${IPropertyStore::SetValue} $2 '($3,$5)'
            ${IPropertyStore::Commit} $2 ""
            System::Free $3
            System::Free $4
            System::Free $5
            ${IUnknown::Release} $2 ""
            ${IPersistFile::Save} $1 '("${SHORTCUT}", 1)'
        ${EndIf}
        ${IUnknown::Release} $1 ""
    ${EndIf}
    ${IUnknown::Release} $0 ""
FunctionEnd

Function add_to_path
    Call read_path
    ${If} $R3 P= 0
        Return
    ${EndIf}
    StrCpy $R5 "$INSTDIR\app;"
    System::Call 'shlwapi::StrStrIW(p R3, w ";$R5") p .R6'
    ${If} $R6 P= 0
        System::Call 'kernel32::lstrcatW(p R3, w R5)'
        Call write_path
    ${EndIf}
    Call close_path
FunctionEnd

Function .onInit
    SetShellVarContext current
    ${IfNot} ${AtLeastBuild} 17763
        MessageBox MB_OK|MB_ICONSTOP "$(old_windows)" /SD IDOK
        SetErrorLevel 2
        Quit
    ${EndIf}
    ; An upgrade goes where the program is and leaves the PATH as it was chosen, unless told else.
    ${GetParameters} $1
    ReadRegStr $0 HKCU "${UNINSTALL_KEY}" "InstallLocation"
    ${If} $0 != ""
    ${AndIf} $INSTDIR == "$LOCALAPPDATA\Programs\${TITLE}"
    ${AndIf} ${FileExists} "$0\uninstall.exe"
        StrCpy $INSTDIR $0
    ${EndIf}
    ReadRegDWORD $0 HKCU "${UNINSTALL_KEY}" "InPath"
    ${GetOptions} $1 "/PATH=" $2
    ${If} $2 == "yes"
        StrCpy $0 1
    ${ElseIf} $2 == "no"
        StrCpy $0 0
    ${EndIf}
    ${If} $0 = 1
        !insertmacro SelectSection ${in_path}
    ${EndIf}
FunctionEnd

; --- The uninstaller --------------------------------------------------------------------------

Section "un.$(program_section)" un_program
    SectionIn RO
    SetShellVarContext current
    Call un.wait_until_it_is_closed
    Call un.remove_from_path
    ; First what can fail, while everything still says that it is there.
    RMDir /r "$INSTDIR\app"
    RMDir /r "$INSTDIR\app.new"
    RMDir /r "$INSTDIR\app.old"
    Delete "${SHORTCUT}"
    DeleteRegKey HKCU "${APP_PATH_KEY}"
    ; The folders of keys above ours, where we were the only ones in them.
    DeleteRegKey /ifempty HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths"
    DeleteRegKey HKCU "${CLASSES}\Applications\${NAME}w.exe"
    DeleteRegKey /ifempty HKCU "${CLASSES}\Applications"
    DeleteRegKey HKCU "${CLASSES}\${DOCUMENT}"
    ; Not where another program has claimed the suffix since.
    ReadRegStr $0 HKCU "${CLASSES}\${DOCUMENT_SUFFIX}" ""
    ${If} $0 == "${DOCUMENT}"
        DeleteRegKey HKCU "${CLASSES}\${DOCUMENT_SUFFIX}"
    ${EndIf}
    DeleteRegKey HKCU "${UNINSTALL_KEY}"
    Delete "$INSTDIR\uninstall.exe"
    ; Only if it is empty: what else somebody has put there stays.
    RMDir "$INSTDIR"
    RMDir "$LOCALAPPDATA\Programs"
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
    StrCpy $data_words "$(data_kept)"
SectionEnd

Section /o "un.$(data_section)" un_data
    RMDir /r "${DATA}"
    StrCpy $data_words "$(data_removed)"
SectionEnd

Section "-un.say"
    DetailPrint "$data_words"
SectionEnd

!insertmacro MUI_UNFUNCTION_DESCRIPTION_BEGIN
    !insertmacro MUI_DESCRIPTION_TEXT ${un_program} "$(program_words)"
    !insertmacro MUI_DESCRIPTION_TEXT ${un_data} "$(data_section_words)"
!insertmacro MUI_UNFUNCTION_DESCRIPTION_END

Function un.onInit
    SetShellVarContext current
    ${GetParameters} $1
    ${GetOptions} $1 "/DATA=" $2
    ${If} $2 == "remove"
        !insertmacro SelectSection ${un_data}
    ${EndIf}
FunctionEnd
